import { describe, expect, test } from 'vitest';
import { underAllow, underDeny } from './calls.ts';

/** Lines whose program a person allowed with all its arguments, and which would run another one by them. */
const BY_AN_ALLOWED_PROGRAM: Record<string, string[]> = {
  find: [
    'find . -exec rm {} +',
    'find . -execdir rm {} ;',
    'find . -ok rm {} ;',
    "find . -name x '-exec' rm {} +",
  ],
  xargs: ['xargs -I{} rm {}', 'xargs rm', 'xargs -a f rm', "xargs -I % sh -c 'rm %'"],
  env: ["env -S 'rm x'", "env -iS 'rm x'", "env --split-string='rm x'", 'env A=1 rm x', 'env -u A rm x'],
  busybox: ['busybox sh -c rm', 'busybox rm x', 'toybox rm x'],
  git: [
    "git -c alias.x='!rm y' x",
    'git -c core.pager=rm log',
    "git -c core.sshCommand='rm x' fetch",
    'git --config-env=core.pager=A log',
    'git --exec-path=. x',
    'git bisect run rm x',
    "git submodule foreach 'rm x'",
    "git filter-branch --tree-filter 'rm x'",
    'git rebase --exec rm',
    'git fetch --upload-pack=rm x',
    "git clone 'ext::sh -c rm'",
    'git grep -Orm x',
  ],
  awk: [`awk 'BEGIN { system("rm x") }'`, `awk 'BEGIN { "rm x" | getline }'`, 'awk -f x', `gawk '@load "x"'`],
  sed: ["sed '1e rm x' f", "sed -n 's/a/rm x/e' f", 'sed -f x f', "gsed '1e rm x' f"],
  vim: ['vim -c :!rm', "vim '+!rm x' f", "vim --cmd '!rm x'", "ex -sc '!rm x'", "ed '!rm'", 'nvim -es'],
  tar: [
    'tar xf a --checkpoint=1 --checkpoint-action=exec=rm',
    'tar --to-command=rm xf a',
    'tar --use-compress-program=rm cf a b',
    'tar -I rm -cf a b',
  ],
  'other programs': [
    'man -P rm ls',
    'sort --compress-program=rm f',
    'split --filter=rm f',
    'rg --pre rm x',
    'fd -x rm',
    "script -c 'rm x'",
    "rsync -e 'rm x' a b",
    "ssh -o ProxyCommand='rm x' h",
    'scp -S rm a b',
    'nc -e rm h 1',
    "socat - 'EXEC:rm x'",
    'flock f rm x',
    "hyperfine 'rm x'",
    'perl -e unlink',
    "php -r 'x();'",
    'make --eval=x',
    'docker run x rm y',
    'npm exec rm',
  ],
  'ways of the shell': [
    'command rm x',
    'builtin eval rm',
    'exec -a ls rm x',
    'hash -p /bin/rm ls',
    "trap 'rm x' EXIT",
    "alias ls='rm x'",
    'source x',
    '. x',
    "mapfile -C 'rm x' a",
    "complete -C 'rm x' ls",
    'bind -x \'"a":rm x\'',
    'enable -f ./x.so y',
    'fc -s rm',
    'jobs -x rm x',
    'coproc rm x',
  ],
};

/** Lines that begin like `ls`, and are more. */
const MORE_THAN_LS: Record<string, string[]> = {
  'here-strings': ["ls <<<'a'", 'ls <<< $(rm x)', 'ls <<<$x'],
  'process substitution': ['ls -la <(rm x) <(ls)', 'ls 2> >(rm x)', 'ls > >(rm x)'],
  coproc: ['coproc ls', 'coproc ls { rm x; }', 'ls; coproc rm x'],
  'ANSI-C quoting': [String.raw`ls $'\x3b rm x'$(rm x)`, String.raw`$'l\x73' x`, String.raw`l$'\x73' x`],
  'brace expansion': ['{ls,rm} x', 'ls {x,$(rm y)}', 'l{s,} x', 'ls x{1..$(rm y)}'],
  arithmetic: ['ls $((x=$(rm y)))', 'ls $(( a[`rm y`] ))', '((ls))', 'ls $[ $(rm y) ]'],
  'function shadowing': ['ls(){ rm x;};ls y', 'function ls() { rm x; }\nls y', 'ls () { rm x; } && ls y'],
  IFS: ['IFS=, ls x', 'IFS=/;ls x', 'ls${IFS}x', 'ls$IFS-la', 'IFS= read -r x; ls'],
  blanks: ['ls\u2003x', 'ls\u202fx', 'ls\ufeffx', 'ls\u0085x', 'ls\fx', 'ls\vx', '\u00a0ls x'],
  'carriage returns': ['ls x\rrm y', 'ls\r\nrm y', 'ls x\r', '\rls'],
  'background jobs': ['ls & disown', 'ls x &\nrm y', 'nohup ls &'],
  conditions: [
    '[[ -v a[$(rm x)] ]]; ls',
    'ls && [[ x ]]',
    'test -v "a[$(rm x)]"; ls',
    'case ls in ls) rm x;; esac',
  ],
  parameters: ['ls ${x:=$(rm y)}', 'ls ${x@P}', 'ls ${!x}', 'ls "${x//a/`rm y`}"', 'ls $_', 'ls $1'],
  history: ['!!', '!ls', '^ls^rm'],
};

/** Past `deny: shell:cmd=rm *`, under `autonomous`. */
const PAST_A_DENY: Record<string, string[]> = {
  'here-strings': ["bash <<<'rm x'", "sh -s <<< 'rm x'", "xargs rm <<< 'x'"],
  'process substitution': ['source <(echo rm x)', 'bash <(echo rm x)', '. <(rm x)'],
  coproc: ['coproc { rm x; }', 'coproc N { rm x; }', 'coproc sh -c "rm x"'],
  'command -v': [
    '$(command -v rm) x',
    '`command -v rm` x',
    '"$(which rm)" x',
    '$(type -P rm) x',
    'command -p rm x',
  ],
  'env -S': [
    "env -S 'rm x'",
    "env -S'rm x'",
    "env --split-string='rm x'",
    "env -iS 'A=1 rm x'",
    "env -iS'rm x'",
    "su -c'rm x'",
    'man -Prm ls',
  ],
  busybox: ["busybox sh -c 'rm x'", 'busybox rm x', '/bin/busybox rm x', 'busybox env rm x'],
  find: [
    'find . -exec rm {} +',
    "find . -exec sh -c 'rm x' ;",
    'find . -execdir rm {} \\;',
    'gfind . -ok rm {} \\;',
  ],
  git: [
    'git -c alias.q="!rm x" q',
    'git -calias.q="!rm x" q',
    'git -c core.editor="rm x" commit',
    "git submodule foreach 'rm x'",
    "git rebase -x 'rm x'",
  ],
  xargs: ['echo x | xargs -I{} rm {}', 'xargs -I % sh -c "rm %"', 'xargs -0 rm', 'echo rm x | xargs -n1 env'],
  awk: [`awk 'BEGIN{system("rm x")}'`, `echo | awk '{ "rm x" | getline }'`, `gawk 'BEGIN{system("rm x")}'`],
  sed: [
    "sed 'e rm x' f",
    "sed '1!e rm x' f",
    "sed 's/.*/rm x/e' f",
    "sed -e '1e rm x' f",
    "sed 's|a|rm x|ge' f",
  ],
  vim: ["vim -c ':!rm x'", "vi +'!rm x'", "ex -c '!rm x'", "vim -es '+!rm x' +q"],
  tar: [
    'tar cf /dev/null f --checkpoint=1 --checkpoint-action=exec="rm x"',
    "tar -I 'rm x' -cf a b",
    "tar --to-command='rm x' -xf a",
  ],
  'ANSI-C quoting': [
    String.raw`$'\u0072m' x`,
    String.raw`$'r\x6d' x`,
    String.raw`r$'m' x`,
    String.raw`$'\162m' x`,
  ],
  'brace expansion': ['{rm,-rf,x}', 'r{m,} x', '{r,}m x', '/bin/{rm,x}', '{/bin/,}rm x'],
  arithmetic: [
    '((a[$(rm x)]))',
    'echo $[a[$(rm x)]]',
    'let "a[$(rm x)]=1"',
    'x=$((y[$(rm z)]))',
    'declare -i a="b[$(rm x)]"',
  ],
  trap: ["trap 'rm x' DEBUG; ls", 'trap -- "rm x" 0', "trap 'rm x' ERR; false"],
  source: [
    'source /dev/stdin <<< "rm x"',
    '. /dev/stdin <<EOF\nrm x\nEOF',
    'source x.sh',
    'bash "$X" "rm y"',
    'sh $X',
    'bash --rcfile x -i',
  ],
  functions: [
    'ls() { rm x; }; ls',
    'cd() { rm "$@"; }; cd x',
    'function ls { command rm x; }; ls',
    'f() ( rm x ); f',
  ],
  aliases: [
    'alias ls=rm\nls x',
    "alias x='rm y' && x",
    "shopt -s expand_aliases; alias q='rm x'\nq",
    'BASH_ALIASES[q]="rm x"; q',
  ],
  IFS: ['IFS=_; X=rm_x; $X', 'rm${IFS}x', 'X=rm${IFS}x; $X', 'IFS=, read a b <<< rm,x; $a $b', 'r${z}m x'],
  'unicode spaces': ['ls\u2028rm x; rm y', '\u00a0rm x; rm y'],
  'carriage returns': ['ls\r\nrm x', 'ls; rm\tx', 'ls\n\r\nrm x'],
  'background jobs': [
    'rm x & disown',
    '(rm x &)',
    '{ rm x & } ; wait',
    'setsid rm x &',
    'nohup rm x > /dev/null &',
    'jobs -x rm x',
  ],
  'loops and conditions': [
    'until rm x; do :; done',
    'select a in b; do rm x; done',
    'for ((;;)); do rm x; done',
    'if ! rm x; then :; fi',
    '[[ $(rm x) ]]',
    'case $(rm x) in *) ;; esac',
    'while read x; do rm "$x"; done < f',
    'time -p rm x',
  ],
  encodings: [
    'echo cm0geAo= | base64 -d | sh',
    'printf "rm x" | bash',
    'eval "$(printf \'\\x72m x\')"',
    'sh -c "$(echo rm) x"',
    'printf -v a rm; $a x',
  ],
  'other programs': [
    "perl -e 'system(q(rm x))'",
    `python3 -c 'import os; os.remove("x")'`,
    `ruby -e 'system("rm x")'`,
    "watch -n1 'rm x'",
    'nsenter -t 1 rm x',
    'chroot . rm x',
    'unshare rm x',
    'strace -f rm x',
    'ltrace rm x',
    'stdbuf -oL rm x',
    'flock l -c "rm x"',
    "script -qc 'rm x'",
    "tmux new 'rm x'",
    'screen -dm rm x',
    'systemd-run rm x',
    'run-parts x',
    'gdb -ex "shell rm x"',
    'ssh localhost rm x',
    "docker exec c sh -c 'rm x'",
    "npx -c 'rm x'",
  ],
};

describe('a program that a person allowed with all its arguments runs no other by them', () => {
  for (const [name, lines] of Object.entries(BY_AN_ALLOWED_PROGRAM)) {
    test.each(lines)(`${name}: %j`, async (cmd) => {
      const [program = ''] = cmd.split(' ');
      expect((await underAllow(cmd, `shell:cmd=${program} *`)).decision).toBe('ask');
    });
  }
});

describe('an allow of ls lets nothing else run', () => {
  for (const [name, lines] of Object.entries(MORE_THAN_LS)) {
    test.each(lines)(`${name}: %j`, async (cmd) => {
      expect((await underAllow(cmd, 'shell:cmd=ls *')).decision).toBe('ask');
    });
  }
});

describe('a deny of rm lets no rm run', () => {
  for (const [name, lines] of Object.entries(PAST_A_DENY)) {
    test.each(lines)(`${name}: %j`, async (cmd) => {
      expect((await underDeny(cmd, 'shell:cmd=rm *')).decision).not.toBe('allow');
    });
  }
});

test('counts at least 250 attempts, each once', () => {
  const sides = [BY_AN_ALLOWED_PROGRAM, MORE_THAN_LS, PAST_A_DENY].map((side) => Object.values(side).flat());
  for (const lines of sides) expect(lines.filter((line, index) => lines.indexOf(line) !== index)).toEqual([]);
  expect(sides.flat().length).toBeGreaterThanOrEqual(250);
});
