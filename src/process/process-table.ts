import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** One process as the system sees it at one moment. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** 0 where the system does not tell. */
  readonly session: number;
  /** Ended, and only waiting for its parent to take note. */
  readonly zombie: boolean;
}

export interface ProcessTable {
  readonly entries: readonly ProcessEntry[];
  /** Whether this process was started with `NAME=...` for which `matches` holds. False where it may not be looked at. */
  hasVariable(entry: ProcessEntry, name: string, matches: (value: string) => boolean): boolean;
}

/** All processes: on Linux from /proc, elsewhere (macOS) from `ps`. */
export function readProcessTable(source = process.platform === 'linux' ? 'proc' : 'ps'): ProcessTable {
  return source === 'proc' ? fromProc() : fromPs();
}

function fromProc(): ProcessTable {
  const entries: ProcessEntry[] = [];
  for (const name of readdirSync('/proc')) {
    const first = name.charCodeAt(0);
    if (first < 48 || first > 57) continue;
    const entry = parseStat(Number(name), readOrEmpty(`/proc/${name}/stat`));
    if (entry) entries.push(entry);
  }
  return {
    entries,
    hasVariable: (entry, name, matches) =>
      variableIn(readOrEmpty(`/proc/${entry.pid}/environ`).split('\0'), name, matches),
  };
}

/** The second field is the program's name in parentheses and may hold anything, so counting starts after the last. */
function parseStat(pid: number, text: string): ProcessEntry | null {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, parent, group, session] = fields;
  if (session === undefined) return null;
  return {
    pid,
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    zombie: state === 'Z' || state === 'X',
  };
}

/** A process may end, or belong to somebody else, between the listing and the look: both read as nothing. */
function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    if (error instanceof Error && 'code' in error) return '';
    throw error;
  }
}

function fromPs(): ProcessTable {
  // Both mean: everybody's, with environment, unshortened.
  const selection = process.platform === 'linux' ? 'axeww' : '-axEww';
  const output = execFileSync('ps', [selection, '-o', 'pid=,ppid=,pgid=,stat=,command='], {
    encoding: 'latin1',
    maxBuffer: 256 * 1024 * 1024,
  });
  const words = new Map<number, string[]>();
  const entries: ProcessEntry[] = [];
  for (const line of output.split('\n')) {
    const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s?(.*)$/.exec(line);
    if (!match) continue;
    const [, pid, parent, group, state = '', command = ''] = match;
    words.set(Number(pid), command.split(' '));
    entries.push({
      pid: Number(pid),
      parent: Number(parent),
      group: Number(group),
      session: 0,
      zombie: state.startsWith('Z'),
    });
  }
  return {
    entries,
    hasVariable: (entry, name, matches) => variableIn(words.get(entry.pid) ?? [], name, matches),
  };
}

function variableIn(words: readonly string[], name: string, matches: (value: string) => boolean): boolean {
  const start = `${name}=`;
  return words.some((word) => word.startsWith(start) && matches(word.slice(start.length)));
}
