import { YonderError } from '../../protocol/errors.ts';
import { runProgram } from '../../process/run-program.ts';

export interface GitPlace {
  /** The program, absolute. */
  readonly program: string;
  readonly git_dir: string;
  readonly work_tree: string;
  readonly index: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface GitCall {
  readonly stdin?: string | Uint8Array;
  readonly signal?: AbortSignal | undefined;
  readonly max_bytes?: number;
  /** Another work tree and index than the place's own. */
  readonly at?: { readonly work_tree: string; readonly index: string };
}

/** One git command takes no longer; a folder for which that is too short is too large for snapshots. */
const TIMEOUT_MS = 120_000;
const MOST_OUTPUT = 64 * 1024 * 1024;

/**
 * Runs git on a repository of ours over somebody's folder. Nothing of the user's git takes part: no configuration, hooks, filters,
 * attributes or index of theirs, only their ignore files. Throws `unavailable` with git's own words.
 */
export async function git(place: GitPlace, args: readonly string[], call: GitCall = {}): Promise<Buffer> {
  const exit = await runProgram({
    program: place.program,
    args,
    cwd: call.at?.work_tree ?? place.work_tree,
    env: environment(place, call.at),
    stdin: call.stdin,
    timeout_ms: TIMEOUT_MS,
    max_bytes: call.max_bytes ?? MOST_OUTPUT,
    signal: call.signal,
  });
  if (exit.ended === 'exit' && exit.code === 0) return exit.stdout;
  throw new YonderError('unavailable', `git ${String(args[0])} ${problem(exit)}`);
}

function problem(exit: { ended: string; code: number | null; stderr: string }): string {
  if (exit.ended === 'timed_out') return `took longer than ${TIMEOUT_MS / 1000} s: the folder is too large`;
  if (exit.ended === 'too_long') return 'names more files than can be taken: the folder is too large';
  const words = exit.stderr.split('\n').slice(-2).join(' ');
  return `failed (${words === '' ? `exit ${String(exit.code)}` : words})`;
}

function environment(place: GitPlace, at: GitCall['at']): Record<string, string> {
  const passed = ['PATH', 'HOME', 'XDG_CONFIG_HOME', 'TMPDIR'].flatMap((name) => {
    const value = place.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(passed),
    LC_ALL: 'C',
    GIT_DIR: place.git_dir,
    GIT_WORK_TREE: at?.work_tree ?? place.work_tree,
    GIT_INDEX_FILE: at?.index ?? place.index,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_LITERAL_PATHSPECS: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
  };
}

/** The NUL-separated parts of git's output. A name that is no UTF-8 keeps a mark by which it is passed over. */
export function parts(output: Buffer): string[] {
  return output.length === 0 ? [] : output.toString('utf8').replace(/\0$/, '').split('\0');
}

export const NOT_UTF8 = '\uFFFD';
