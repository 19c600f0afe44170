import type { Readable, Writable } from 'node:stream';
import { homedir } from 'node:os';
import { Secrets } from '../../runtime/redact/secrets.ts';

/** What a command reads and writes; tests bring streams of their own. */
export interface Io {
  stdin: Readable & { isTTY?: boolean };
  stdout: Writable & { isTTY?: boolean; columns?: number };
  stderr: Writable & { isTTY?: boolean; columns?: number };
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
  home: string;
  now(): Date;
  /** What may not leave this process, filled by whoever resolves a key (R30). */
  secrets?: Secrets;
}

export function processIo(): Io {
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: currentFolder(),
    home: homeFolder(),
    now: () => new Date(),
    secrets: new Secrets(),
  };
}

/** A user without an entry in the system's list and without HOME has none; containers then say `/`, and so do we. */
function homeFolder(): string {
  try {
    return homedir();
  } catch {
    return '/'; // what cannot be made there says so with its path
  }
}

/** A shell can stand in a folder that is gone; most commands do not need one. */
function currentFolder(): string {
  try {
    return process.cwd();
  } catch {
    return process.env['PWD'] ?? '/'; // the folder's own check says what is wrong, where it is used
  }
}

/** Somebody sits there who can be asked: questions are written to stderr and read from stdin. */
export function canAsk(io: Io): boolean {
  return io.stdin.isTTY === true && io.stderr.isTTY === true;
}
