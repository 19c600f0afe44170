/**
 * Programs that run their arguments (R21). One table: an allow pattern never matches them, a deny is looked for in
 * every one of their arguments.
 * - `program`: some argument is a program and the rest are its arguments
 * - `text`: arguments are shell text
 * - `shell`: a shell; `-c TEXT`, or text on its standard input
 * - `code`: text in another language, which no pattern can read
 * - `unknown`: it evaluates what stands outside the line (a file, its input)
 */
export type WrapperKind = 'program' | 'text' | 'shell' | 'code' | 'unknown';

export interface Wrapper {
  kind: WrapperKind;
  /** Short and long flags that take the next word. */
  valueFlags?: readonly string[];
  /** Operands before the program, e.g. the duration of `timeout`. */
  operands?: number;
  /** Only with one of these words is it a wrapper. */
  when?: RegExp;
  /** With one of these words first it is none, e.g. `command -v`. */
  unless?: RegExp;
  /** Its standard input is evaluated where no script is named. */
  readsInput?: boolean;
}

const program = (extra: Partial<Wrapper> = {}): Wrapper => ({ kind: 'program', ...extra });
const text = (extra: Partial<Wrapper> = {}): Wrapper => ({ kind: 'text', ...extra });
const code = (when: RegExp, extra: Partial<Wrapper> = {}): Wrapper => ({ kind: 'code', when, ...extra });
const shell: Wrapper = { kind: 'shell', readsInput: true };
const runner = (when: RegExp): Wrapper => program({ when, operands: 1 });

/** `-c`, also inside a cluster of short flags such as `-lc`. */
const CODE_FLAG = /^-[A-Za-z]*[ceE]|^--(?:eval|print|command|exec)/;
const SCRIPT_FLAG = /^-(?:[a-zA-Z]*[epr]|-(?:eval|print|require|import|loader))/;

const TABLE: Readonly<Record<string, Wrapper>> = {
  sudo: text({
    valueFlags: ['-u', '-g', '-h', '-p', '-C', '-T', '-r', '-t', '-D', '-R', '-U', '--user', '--group'],
  }),
  doas: text({ valueFlags: ['-u', '-C'] }),
  su: text(),
  runuser: text(),
  pkexec: program({ valueFlags: ['--user'] }),
  gosu: program({ operands: 1 }),
  env: text({ valueFlags: ['-u', '--unset', '-C', '--chdir'] }),
  nohup: program(),
  setsid: program(),
  time: program({ valueFlags: ['-f', '-o', '--format', '--output'] }),
  nice: program({ valueFlags: ['-n', '--adjustment'] }),
  ionice: program({ valueFlags: ['-c', '-n'] }),
  chrt: program({ operands: 1 }),
  taskset: program({ operands: 1 }),
  timeout: program({ operands: 1, valueFlags: ['-k', '-s', '--signal', '--kill-after'] }),
  gtimeout: program({ operands: 1, valueFlags: ['-k', '-s'] }),
  stdbuf: program({ valueFlags: ['-i', '-o', '-e'] }),
  unbuffer: program(),
  strace: program({ valueFlags: ['-o', '-e', '-s', '-p', '-P', '-u', '-E'] }),
  ltrace: program({ valueFlags: ['-o', '-e', '-s', '-p', '-u', '-n', '-l'] }),
  perf: program({ operands: 1 }),
  valgrind: program(),
  prlimit: program(),
  setarch: program(),
  setpriv: program(),
  unshare: program(),
  nsenter: program(),
  chroot: program({ operands: 1 }),
  fakeroot: program(),
  bwrap: program(),
  firejail: program(),
  'systemd-run': program(),
  'start-stop-daemon': program(),
  'run-parts': { kind: 'unknown' },
  flock: text({ operands: 1 }),
  caffeinate: program(),
  hyperfine: text(),
  entr: program(),
  command: program({ unless: /^-[a-zA-Z]*[vV]/ }),
  exec: program({ valueFlags: ['-a'] }),
  builtin: program(),
  coproc: program(),
  jobs: program({ when: /^-x$/ }),
  hash: program({ when: /^-p/ }),
  noglob: program(),
  nocorrect: program(),
  busybox: program(),
  toybox: program(),
  xargs: { kind: 'unknown' },
  parallel: { kind: 'unknown' },
  find: program({ when: /^-(?:exec|execdir|ok|okdir)$/ }),
  fd: program({ when: /^(?:-[a-zA-Z]*[xX]|--exec(?:-batch)?)/ }),
  fdfind: program({ when: /^(?:-[a-zA-Z]*[xX]|--exec(?:-batch)?)/ }),
  rg: program({ when: /^--(?:pre|hostname-bin)(?:=|$)/ }),
  eval: text(),
  trap: text(),
  alias: text({ when: /=/ }),
  watch: text({ valueFlags: ['-n', '--interval'] }),
  ssh: text({
    operands: 1,
    valueFlags: ['-p', '-i', '-l', '-o', '-F', '-J', '-L', '-R', '-D', '-b', '-c', '-E', '-S'],
  }),
  scp: text({ when: /^-[SoF]/ }),
  rsync: text({ when: /^(?:-[a-zA-Z]*e|--rsh|--rsync-path)/ }),
  script: text({ when: /^(?:-[a-zA-Z]*c|--command)/ }),
  screen: text(),
  tmux: text({
    when: /^(?:new|neww|split|splitw|new-session|new-window|split-window|respawn|run|run-shell|if-shell|send|send-keys|pipe-pane)/,
  }),
  expect: code(/^-c/),
  socat: text({ when: /(?:exec|system):/i }),
  nc: text({ when: /^(?:-[a-zA-Z]*[ce]|--(?:exec|sh-exec))/ }),
  ncat: text({ when: /^(?:-[a-zA-Z]*[ce]|--(?:exec|sh-exec))/ }),
  tar: text({
    when: /^(?:--(?:to-command|checkpoint-action|use-compress-program|rsh-command|info-script|new-volume-script)|-[a-zA-Z]*[IF])/,
  }),
  split: text({ when: /^--filter/ }),
  sort: text({ when: /^--compress-p/ }),
  man: text({ when: /^(?:-[a-zA-Z]*[PH]|--(?:pager|html))/ }),
  mapfile: text({ when: /^-[a-zA-Z]*C/ }),
  readarray: text({ when: /^-[a-zA-Z]*C/ }),
  compgen: text({ when: /^-[a-zA-Z]*[CFW]/ }),
  complete: text({ when: /^-[a-zA-Z]*[CFW]/ }),
  bind: text({ when: /^-[a-zA-Z]*x/ }),
  fc: { kind: 'unknown' },
  enable: { kind: 'unknown', when: /^-[a-zA-Z]*f/ },
  at: { kind: 'unknown' },
  batch: { kind: 'unknown' },
  crontab: { kind: 'unknown', unless: /^-l$/ },
  source: { kind: 'unknown' },
  '.': { kind: 'unknown' },
  sh: shell,
  bash: shell,
  dash: shell,
  zsh: shell,
  ksh: shell,
  mksh: shell,
  ash: shell,
  rbash: shell,
  fish: shell,
  csh: shell,
  tcsh: shell,
  pwsh: code(/./),
  docker: runner(/^(?:exec|run)$/),
  podman: runner(/^(?:exec|run)$/),
  kubectl: runner(/^exec$/),
  npx: text(),
  bunx: text(),
  pnpx: text(),
  npm: text({ when: /^(?:exec|x)$/, operands: 1 }),
  pnpm: text({ when: /^(?:exec|dlx)$/, operands: 1 }),
  yarn: text({ when: /^(?:exec|dlx)$/, operands: 1 }),
  bun: { kind: 'code', when: /^(?:x|exec|-e|--eval|-p|--print)$/ },
  deno: code(/^eval$/),
  uv: runner(/^run$/),
  uvx: program(),
  poetry: runner(/^run$/),
  pipenv: runner(/^run$/),
  conda: runner(/^run$/),
  bundle: runner(/^exec$/),
  'nix-shell': text({ when: /^--(?:run|command)$/ }),
  direnv: runner(/^exec$/),
  python: code(/^-[a-zA-Z]*c|^-$/, { readsInput: true }),
  node: code(SCRIPT_FLAG, { readsInput: true }),
  perl: code(/^-[a-zA-Z0-9]*[eE]|^-$/, { readsInput: true }),
  ruby: code(/^-[a-zA-Z0-9]*e|^-$/, { readsInput: true }),
  php: code(/^-[a-zA-Z]*[rRBE]|^--(?:run|process)/, { readsInput: true }),
  lua: code(/^-[a-zA-Z]*e|^-$/, { readsInput: true }),
  tclsh: code(/^-$/, { readsInput: true }),
  gdb: code(/^-(?:ex|-eval|-args|x|batch)/),
  emacs: code(/^--?(?:eval|e|l|load|script|f)/),
  vim: code(/^[-+]/),
  vi: code(/^[-+]/),
  nvim: code(/^[-+]/),
  ex: code(/./, { readsInput: true }),
  ed: code(/./, { readsInput: true }),
  awk: code(/system|\||getline|^-[a-zA-Z]*[fEil]|^--(?:file|exec|include|load)|@/),
  sed: code(
    /(?:^|[\s;{}0-9$/!,])e(?:\s|$|;|\})|^s(.).*\1[gpiImM0-9]*e|^-[a-zA-Z]*f|^--(?:file|expression=.*\be\b)/s,
  ),
  git: text({
    when: /^(?:-c|--config-env|--exec-path|--exec|-x|--extcmd|--upload-pack|--receive-pack|--open-files-in-pager|--(?:\w+-)?filter)(?:=|$)|^-c.|^(?:bisect|filter-branch|foreach|difftool|mergetool)$|^ext::|^-O/,
  }),
  make: text({ when: /^(?:--eval|SHELL=|MAKE=)/ }),
};

const ALIASES: Readonly<Record<string, string>> = {
  gawk: 'awk',
  mawk: 'awk',
  nawk: 'awk',
  gsed: 'sed',
  gfind: 'find',
  gxargs: 'xargs',
  genv: 'env',
  nodejs: 'node',
  pypy: 'python',
  linux32: 'setarch',
  linux64: 'setarch',
  powershell: 'pwsh',
};

/** Assignments whose value the program that sees them runs. */
export const EXECUTING_VARIABLES =
  /^(?:(?:\w+_)?(?:PAGER|EDITOR|ASKPASS|BROWSER|VISUAL)|BASH_ENV|ENV|PROMPT_COMMAND|BASH_ALIASES|BASH_CMDS|PS[0-4]|LESSOPEN|LESSCLOSE|SHELL|GIT_\w+|\w+_RSH|BASH_FUNC_.*|LD_\w+|NODE_OPTIONS|PERL5OPT|RUBYOPT|PYTHONSTARTUP)$/;

/** The last path segment in lower case: how the table and deny rules know a program. */
export function programName(word: string): string {
  return word.slice(word.lastIndexOf('/') + 1).toLowerCase();
}

/** The table's entry for these words; `undefined` where they run none of their arguments. */
export function findWrapper(words: readonly string[]): Wrapper | undefined {
  const name = programName(words[0] ?? '').replace(/^(python|pypy|perl|ruby|php|lua|tclsh)[\d.]+$/, '$1');
  const key = ALIASES[name] ?? name;
  const wrapper = Object.hasOwn(TABLE, key) ? TABLE[key] : undefined;
  if (wrapper === undefined) return undefined;
  const rest = words.slice(1);
  const { when, unless } = wrapper;
  if (unless?.test(rest[0] ?? '') === true) return undefined;
  // Code on the standard input: no operand names a script.
  if (wrapper.kind === 'code' && wrapper.readsInput === true && rest.every((word) => word.startsWith('-')))
    return wrapper;
  if (when !== undefined && !rest.some((word) => when.test(word))) return undefined;
  if (wrapper.kind === 'shell' && !shellEvaluates(rest)) return undefined;
  return wrapper;
}

/** A script that is known only at run time: what a command prints, or a variable, which may as well be `-c`. */
const OPEN_SCRIPT = /^(?:[<>]\(|"?[$`])/;

/** A shell that is given a script file runs a program like any other; everything else is evaluated text. */
function shellEvaluates(rest: readonly string[]): boolean {
  const script = rest[0];
  return (
    script === undefined ||
    /^[-+]/.test(script) ||
    OPEN_SCRIPT.test(script) ||
    rest.some((word) => CODE_FLAG.test(word))
  );
}

export function runsItsArguments(words: readonly string[]): boolean {
  return findWrapper(words) !== undefined;
}

/** Interpreters and wrappers of every kind, with or without the words that make them one: never offered as a rule. */
export function isInterpreter(word: string): boolean {
  const name = programName(word).replace(/[\d.]+$/, '');
  return Object.hasOwn(TABLE, ALIASES[name] ?? name) && !OFFERED.has(name);
}

/** In the table for some of their flags alone, and fit for a rule without them. */
const OFFERED = new Set([
  'git',
  'npm',
  'pnpm',
  'yarn',
  'bun',
  'make',
  'sort',
  'rg',
  'tar',
  'jobs',
  'split',
  'docker',
  'podman',
  'kubectl',
  'fd',
  'man',
]);

/** Where the program stands that a wrapper runs; `sure` where no flag is in the way that the table does not know. */
export function locateProgram(words: readonly string[], wrapper: Wrapper): { index: number; sure: boolean } {
  let operands = wrapper.operands ?? 0;
  let sure = true;
  for (let index = 1; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (wrapper.when?.test(word) === true && programName(words[0] ?? '') === 'find')
      return { index: index + 1, sure };
    if (word === '--') continue;
    if (word.startsWith('-')) {
      if (wrapper.valueFlags?.includes(word) === true) index += 1;
      else if (!/^--\w[\w-]*=/.test(word)) sure = false;
    } else if (/^[A-Za-z_]\w*=/.test(word)) continue;
    else if (operands > 0) operands -= 1;
    else return { index, sure };
  }
  return { index: words.length, sure };
}
