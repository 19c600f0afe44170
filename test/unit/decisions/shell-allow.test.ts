import { describe, expect, test } from 'vitest';
import { underAllow } from './calls.ts';

/** Lines that begin like an `ls` and would do something else, by class; none may pass `shell:cmd=ls *`. */
const BYPASSES: Record<string, string[]> = {
  separators: ['ls; rm x', 'ls && rm x', 'ls || rm x', 'ls | sh', 'ls |& sh'],
  newlines: ['ls\nrm x', 'ls\n\nrm x', 'ls -la\r\nrm x'],
  background: ['ls & rm x', 'ls&rm x'],
  substitutions: ['ls $(rm x)', 'ls `rm x`', 'ls "$(rm x)"', 'ls "`rm x`"'],
  expansions: ['ls $HOME', 'ls "${x:-y}"', 'ls ~', 'ls --x=~/y'],
  'process substitution': ['ls <(rm x)', 'ls >(rm x)'],
  arithmetic: ['ls $((1+1))', 'ls $[1+1]', 'ls $((a[$(rm x)]))'],
  redirections: [
    'ls > out',
    'ls >> ~/.bashrc',
    'ls >| x',
    'ls 2> err',
    'ls &> x',
    'ls &>/dev/null rm x',
    'ls < /etc/passwd',
    'ls <> x',
  ],
  'redirections to devices': [
    'ls > /dev/sda',
    'ls > /dev/null.txt',
    'ls > /dev/nullx',
    'ls > "/dev/null/../x"',
  ],
  'here-documents': ['ls <<EOF\n$(rm x)\nEOF', 'ls <<-X\n\tY\n\tX\nrm x'],
  'here-strings': ['ls <<< x', 'ls <<< "$(rm x)"'],
  assignments: ['PATH=./x:$PATH ls', 'LD_PRELOAD=./x.so ls', 'A=1 ls', 'A+=1 ls', 'A[0]=1 ls', 'PATH=.; ls'],
  wrappers: [
    'env ls',
    'sudo ls',
    'command ls',
    'exec ls',
    'nohup ls',
    'time ls',
    'xargs ls',
    'eval ls',
    'sh -c ls',
  ],
  quoting: ["'ls x'", '"ls -la"', String.raw`ls\ x`, '"ls "x', "$'ls'", '$"ls" x', '"" ls'],
  unicode: ['lѕ x', 'ls\u200b x', 'ls\u00a0x', 'ls \u202ex', 'ⅼs x', 'ls x\u2028rm y', 'ls\u3000x'],
  'control characters': ['ls \u001b[2Kx', 'ls \u0000x', 'ls \bx', 'ls \u007fx', 'ls\u000bx'],
  'program paths': ['./ls x', '/tmp/ls x', '../ls', 'LS x', 'ls/x y'],
  functions: ['ls() { rm x; }; ls', 'function ls { rm x; }; ls y', 'ls () ( rm x ); ls'],
  aliases: ['alias ls=rm; ls x', "alias ls='rm x'\nls", 'unalias ls; ls'],
  'globs in command position': ['l? x', '[l]s x', '* x', 'l* x'],
  globs: ['ls *.ts', 'ls a?b', 'ls [ab]', 'ls *(e:rm:)'],
  'brace expansion': ['{ls,-la}', 'l{s,t} x', 'ls {a,b}', 'ls {1..3}'],
  comments: ['ls # x\nrm y', 'ls #\nrm', '#x\nrm y'],
  continuation: ['ls \\\n x', 'l\\\ns x', 'ls \\\n; rm x'],
  'compound commands': [
    '(ls)',
    '{ ls; }',
    'if ls; then ls; fi',
    'for i in 1; do ls; done',
    '! ls',
    'while ls; do ls; done',
  ],
  'broken lines': ['ls "', "ls '", 'ls $(', 'ls (', 'ls ;;', '&& ls', 'ls &&', ''],
};

describe('a line that is more than its program', () => {
  for (const [name, lines] of Object.entries(BYPASSES)) {
    test.each(lines)(`${name}: %j is asked about`, async (cmd) => {
      expect(await underAllow(cmd, 'shell:cmd=ls *')).toMatchObject({ decision: 'ask', source: 'mode' });
    });
  }

  test('counts at least 20 classes and 60 lines', () => {
    expect(Object.keys(BYPASSES).length).toBeGreaterThanOrEqual(20);
    expect(Object.values(BYPASSES).flat().length).toBeGreaterThanOrEqual(60);
  });
});

describe('a harmless line that rules allow', () => {
  test.each([
    'ls',
    'ls -la',
    '  ls   src   test  ',
    "ls 'my folder'",
    'ls "a b"',
    String.raw`ls a\ b`,
    'ls 2>/dev/null',
    'ls -l 2>&1',
    'ls > /dev/null 2>&1',
    'ls &>/dev/null',
    'ls && ls src',
    'ls; ls',
    'ls;',
    'ls | ls',
    'ls || ls',
    'ls\nls src\n',
    'ls # a note',
    'ls é.txt',
    'ls -- -x',
    'ls a=b',
    "ls '$x'",
    "ls 'a;b'",
    `ls "it's"`,
    'ls a#b',
    'ls HEAD~1 x@{1}',
    'ls --color=auto 2>&-',
    'cat a.txt | ls',
  ])('%j runs', async (cmd) => {
    expect(await underAllow(cmd, 'shell:cmd=ls *', 'shell:cmd=cat *')).toMatchObject({
      decision: 'allow',
      source: 'rule',
      layer: 'user',
    });
  });

  test('each command needs a rule', async () => {
    expect((await underAllow('ls | wc -l', 'shell:cmd=ls *')).decision).toBe('ask');
    expect(await underAllow('ls | wc -l', 'shell:cmd=ls *', 'shell:cmd=wc -l')).toMatchObject({
      decision: 'allow',
      rule: 'shell:cmd=ls *, shell:cmd=wc -l',
    });
  });

  test('an allow is read as it is written', async () => {
    expect((await underAllow('git branch -d x', 'shell:cmd=git branch -d *')).decision).toBe('allow');
    expect((await underAllow('git branch -D x', 'shell:cmd=git branch -d *')).decision).toBe('ask');
    expect((await underAllow('git commit "--amend x"', 'shell:cmd=git commit --amend x')).decision).toBe(
      'ask',
    );
  });
});

describe('commands of yonder itself', () => {
  test.each([
    'yonder approve x',
    './bin/yonder approve x',
    '/usr/bin/Yonder run',
    'ls; yonder approve x',
    'ls $(yonder approve x)',
    'npx yonder approve x',
    'npx yonder-agents@latest approve x',
    'sudo yonder approve x',
    'env A=b yonder approve x',
    "sh -c 'yonder approve x'",
    'node node_modules/yonder-agents/bin/yonder.js approve x',
    'npm exec yonder approve',
    String.raw`yon\der approve`,
    `y"on"der approve`,
  ])('%j is allowed by no pattern', async (cmd) => {
    const patterns = [
      '*',
      '*/*',
      'shell',
      'shell/shell',
      'shell:cmd=*',
      'shell:cmd=yonder *',
      `shell:cmd=${cmd}`,
    ];
    expect(await underAllow(cmd, ...patterns)).toMatchObject({ decision: 'ask', source: 'mode' });
  });
});
