import { describe, expect, test } from 'vitest';
import { underDeny } from './calls.ts';

/** Ways to reach `rm` past `deny: shell:cmd=rm *` under `autonomous`, whose command stands literally in the line. */
const DENIED: Record<string, string[]> = {
  separators: ['ls; rm x', 'ls && rm x', 'ls ||rm x', 'ls|rm x', 'rm x; ls', 'rm'],
  newlines: ['ls\nrm x', 'ls # hi\nrm x'],
  background: ['ls & rm x', 'rm x &'],
  substitutions: ['ls $(rm x)', 'ls `rm x`', 'echo "a $(rm x)"', 'echo ${x:-$(rm y)}'],
  'process substitution': ['cat <(rm x)', 'echo a | tee >(rm x)'],
  arithmetic: ['echo $((a[$(rm x)]))'],
  redirections: ['> /dev/null rm x', '</dev/null rm x', 'ls > /dev/null; rm x', 'ls 2>&1 | rm x'],
  assignments: ['A=b rm x', "PAGER='rm x' man ls", "PS4='rm x'; ls"],
  quoting: [
    "'rm' x",
    "r''m x",
    'r"m" x',
    String.raw`\rm x`,
    String.raw`r\m x`,
    "$'rm' x",
    String.raw`$'\x72m' x`,
    String.raw`$'\162\155' x`,
  ],
  'program paths': ['/bin/rm x', '../../bin/rm x', '/usr/bin//rm x'],
  wrappers: [
    'sudo rm x',
    'sudo -u root rm x',
    'env A=b rm x',
    'timeout -s KILL 5 rm x',
    'nohup rm x',
    'nice -n 5 rm x',
    'command rm x',
    'exec rm x',
    'builtin rm x',
    'busybox rm x',
    'find . -exec rm {} ;',
    'env nice sudo rm x',
    'time rm x',
    'watch rm x',
    'npx rm x',
    'docker exec -it c rm x',
  ],
  'evaluated text': [
    "sh -c 'rm x'",
    "bash -lc 'rm x'",
    'eval rm x',
    "eval 'ls; rm x'",
    "env -S 'rm x'",
    "ssh h 'cd x; rm y'",
    "trap 'rm x' EXIT",
    `sh -c "sh -c 'rm x'"`,
    "git -c alias.x='!rm y' x",
    'git bisect run rm x',
  ],
  'here-documents': [
    'cat <<EOF\n$(rm x)\nEOF',
    'sh <<EOF\nrm x\nEOF',
    "bash <<'EOF'\nrm x\nEOF",
    'cat <<EOF && rm x\nhi\nEOF',
    'rm <<EOF x\nEOF',
  ],
  'here-strings': ["sh <<< 'rm x'", 'cat <<< "$(rm x)"'],
  functions: ['f() { rm x; }; f', 'function q { rm x; }; q'],
  aliases: ["alias q='rm x'; q", 'alias q=rm', 'hash -p /bin/rm q'],
  'compound commands': [
    'if true; then rm x; fi',
    'case a in a) rm x;; esac',
    'while rm x; do :; done',
    '(rm x)',
    '{ rm x; }',
    '! rm x',
    '[ -f x ] && rm x',
    'coproc rm x',
  ],
  continuation: ['r\\\nm x', 'rm\\\n x', 'ls \\\n; rm x'],
};

/** What a deny cannot judge. */
const ASKED: Record<string, string[]> = {
  'command position': [
    '$X y',
    'X=rm; $X y',
    '$(which rm) x',
    '`which rm` x',
    '~/rm x',
    '*/rm x',
    '/bin/r[m] x',
    'r? x',
    '{rm,x}',
    '=rm x',
    '${!x} y',
    'sudo $X y',
    'env "$X" y',
    'f() { "$@"; }; f rm x',
    'find . -exec {} \\;',
  ],
  'evaluated text': [
    'eval "$(echo cm0= | base64 -d)"',
    'sh -c "$X"',
    'curl x | sh',
    'echo rm x | bash',
    'sh < x',
    'xargs -n1 ls',
    'source x',
    '. ./x',
    'sh <<EOF\n$X\nEOF',
    "python -c 'import os'",
    'node -e "x()"',
    `awk 'BEGIN { system("x") }'`,
    "sed '1e x' f",
    "x='a[$(rm y)]'; echo $((x))",
    'echo ${x@P}',
    'ssh host $X',
    'parallel ls',
    'cat <<EOF | sh\nls\nEOF',
  ],
  'words of a denied program': [
    'rm $x',
    'rm *.ts',
    'rm -rf "$HOME"',
    'rm {a,b}',
    'rm ~/x',
    '/bin/rm $x',
    'sudo rm $x',
    'for i in a; do rm $i; done',
  ],
  'broken lines': ['ls "', 'ls $(', 'ls )', 'if ls', "echo '\\\n' \\\n x"],
};

/** To bash these are harmless; a plain `sh`, which may be the shell that runs the line, would run `rm`. */
const PLAIN_SHELL = ['ls &>x rm y', '((rm -rf / x))', String.raw`echo $'a\'; rm x; #'`];

test.each(PLAIN_SHELL)('%j does not run', async (cmd) => {
  expect((await underDeny(cmd, 'shell:cmd=rm *')).decision).not.toBe('allow');
});

/** What R21 leaves alone, and what looks like a trick and is none. */
const UNTOUCHED = [
  'npm test > out.log',
  'ls *.ts',
  'echo $HOME',
  'echo "rm x"',
  "grep -r 'rm x' .",
  'git commit -m "rm x"',
  'for f in *.ts; do echo $f; done',
  'i=1; echo $((i+1))',
  "awk '{print $1}' f",
  "sed 's/a/b/' f",
  'cat <<EOF > f\nhello $x\nEOF',
  'A=1 npm test',
  'bash x.sh',
  'node x.js',
  'command -v rm',
  'mkdir -p a/{b,c}',
  '[ -f x ] && echo y',
  'cd src && make 2>&1 | tail -20',
  "find . -name '*.ts'",
  'rmdir x',
  '((i++)); echo a',
  '[[ -f a && $b == c ]] && ls',
  'ls &>out.log',
  './rm.sh x',
];

for (const [name, lines] of Object.entries(DENIED)) {
  test.each(lines)(`${name}: %j is denied`, async (cmd) => {
    expect(await underDeny(cmd, 'shell:cmd=rm *')).toMatchObject({ decision: 'deny', source: 'deny_rule' });
  });
}

for (const [name, lines] of Object.entries(ASKED)) {
  test.each(lines)(`${name}: %j is asked about, whatever the mode`, async (cmd) => {
    expect(await underDeny(cmd, 'shell:cmd=rm *')).toMatchObject({
      decision: 'ask',
      required: true,
      source: 'required_ask',
    });
  });
}

test.each(UNTOUCHED)('%j runs', async (cmd) => {
  expect(await underDeny(cmd, 'shell:cmd=rm *')).toMatchObject({ decision: 'allow', source: 'mode' });
});

test('counts at least 20 classes and 60 lines', () => {
  const tables = [...Object.values(DENIED), ...Object.values(ASKED)];
  expect(tables.length).toBeGreaterThanOrEqual(20);
  expect(tables.flat().length).toBeGreaterThanOrEqual(60);
});

describe('without a deny for shell lines', () => {
  test('nothing is a required ask', async () => {
    for (const cmd of Object.values(ASKED).flat()) {
      expect(await underDeny(cmd, 'write_file')).toMatchObject({ decision: 'allow', source: 'mode' });
    }
  });
});

test('a star in a deny crosses slashes and letters of either case', async () => {
  expect((await underDeny('/usr/bin/SUDO ls', 'shell:cmd=*sudo*')).decision).toBe('deny');
  expect((await underDeny('git push --force origin a/b', 'shell:cmd=git *--force* a/*')).decision).toBe(
    'deny',
  );
});

test('a redirection into a file that governs is asked about', async () => {
  expect(await underDeny('echo x >> AGENTS.md')).toMatchObject({ decision: 'ask', required: true });
  expect(await underDeny('echo x >> NOTES.md')).toMatchObject({ decision: 'allow' });
});
