import { createHash } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { constants as system } from 'node:os';
import { join } from 'node:path';
import { YonderError } from '../../../protocol/errors.ts';
import { type CommandResult, commandResultSchema } from '../../../protocol/runner.ts';
import { writeFileAtomic } from '../../../process/atomic-file.ts';
import { makeFolders } from '../../../process/make-folders.ts';
import { readPart } from './kept-text.ts';

/** What is known of a command before it starts, kept for the Host that comes after. */
export interface CommandRecord {
  readonly command_id: string;
  readonly started_ms: number;
  readonly timeout_ms: number | null;
  readonly max_bytes: number;
  /** Absent: the command is ended at the cap, and its spool goes with the workspace. */
  readonly keep_bytes?: number;
}

/**
 * What the small parent shell does with `"$@"`: descriptor 2 is the status file, 3 the command's stderr. It says its
 * number, runs the command, and says how that ended. A shell prints a word of its own on descriptor 2 when the command was
 * ended by a signal, which tells 143 from SIGTERM. It outlives the TERM that its group gets, in order to report.
 */
export const PARENT_SCRIPT =
  'trap : TERM INT HUP; echo "started $$" >&2; (exec "$@" 2>&3 3>&-); echo "exit $?" >&2';

export interface CommandStatus {
  readonly record: CommandRecord;
  /** The parent shell's process and group; absent while it has not begun. */
  readonly group?: number;
  /** Absent while it runs. */
  readonly end?: { readonly code: number } | { readonly signal: string };
}

export interface SpoolFiles {
  readonly status: number;
  readonly stdout: number;
  readonly stderr: number;
}

/** What the system says of a place that takes no files; all of it is the person's to mend. */
const UNUSABLE: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'the file system may only be read',
  ENOTDIR: 'a part of the path is not a folder',
  EEXIST: 'something else has its name',
  ENOENT: 'it cannot be made',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota is used up',
};

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

function unusable(folder: string, error: unknown): YonderError {
  const code = codeOf(error);
  return new YonderError(
    'store_failed',
    `the command was not started: its output cannot be kept in ${folder}: ${UNUSABLE[code] ?? code}; make it a folder that can be written, or name another state folder with XDG_STATE_HOME`,
    { cause: error },
  );
}

const DROPPED = /^\[\.\.\. (\d{1,15}) bytes of older output are gone/;

/** The files of one command in the spool folder, mode 0600: status, stdout, stderr, and the result once it is cut. */
export class CommandSpool {
  /** Also the tag of the command's processes. */
  readonly name: string;
  readonly #base: string;

  constructor(folder: string, commandId: string) {
    // Ids are the caller's and may be anything; names of files and tags may not.
    this.name = /^[\w.-]{1,100}$/.test(commandId)
      ? commandId
      : createHash('sha256').update(commandId).digest('hex');
    this.#base = join(folder, this.name);
  }

  create(record: CommandRecord): SpoolFiles {
    const folder = join(this.#base, '..');
    let files: SpoolFiles | undefined;
    try {
      makeFolders(folder);
      files = this.#open('ax+', record.command_id);
      writeSync(files.status, `${JSON.stringify(record)}\n`);
      return files;
    } catch (error) {
      if (files !== undefined) {
        closeFiles(files);
        this.remove();
      }
      // The id was used before, which says nothing of the folder.
      if (error instanceof YonderError && error.code === 'conflict') throw error;
      throw unusable(folder, error);
    }
  }

  /** Opens what an earlier Host left. Null when there is nothing. */
  open(): SpoolFiles | null {
    try {
      return this.#open('r', this.name);
    } catch (error) {
      if (error instanceof YonderError && error.code === 'not_found') return null;
      throw error;
    }
  }

  #open(flags: string, commandId: string): SpoolFiles {
    const opened: number[] = [];
    const open = (kind: string): number => {
      const descriptor = openSync(`${this.#base}.${kind}`, flags, 0o600);
      opened.push(descriptor);
      return descriptor;
    };
    try {
      return { status: open('status'), stdout: open('out'), stderr: open('err') };
    } catch (error) {
      for (const descriptor of opened) closeSync(descriptor);
      const code = codeOf(error);
      if (code === 'EEXIST') {
        throw new YonderError(
          'conflict',
          `the command id ${commandId} was used before: give every command its own`,
        );
      }
      if (code === 'ENOENT') throw new YonderError('not_found', `there is no command ${commandId}`);
      throw error;
    }
  }

  readStatus(): CommandStatus | null {
    const text = readOptional(`${this.#base}.status`);
    return text === null ? null : parseStatus(text);
  }

  readResult(): CommandResult | null {
    const text = readOptional(`${this.#base}.result`);
    return text === null ? null : commandResultSchema.parse(JSON.parse(text));
  }

  /** Keeps the cut result instead of all that was printed. */
  async shrink(result: CommandResult): Promise<void> {
    await writeFileAtomic(`${this.#base}.result`, JSON.stringify(result));
    for (const kind of ['out', 'err']) writeFileSync(`${this.#base}.${kind}`, '');
  }

  /**
   * Cuts a stream's file that is over the limit to its newer half, behind a line that says how much is gone by now. The command goes on
   * to append: what came while the newer half was read is read too, so that only what it writes in the very moment of the cut may be lost.
   */
  dropOldest(kind: 'out' | 'err', limit: number): void {
    const file = openSync(`${this.#base}.${kind}`, 'a+');
    try {
      const { size } = fstatSync(file);
      if (size <= limit) return;
      const half = Math.floor(limit / 2);
      const newest = caughtUp(file, readPart(file, size - half, half), size, half);
      // From the beginning of a line, where one is near.
      const kept = newest.subarray(newest.subarray(0, 4096).indexOf(0x0a) + 1);
      const [, before = '0'] = DROPPED.exec(readPart(file, 0, 64).toString('latin1')) ?? [];
      const gone = Number(before) + fstatSync(file).size - kept.length;
      ftruncateSync(file, 0);
      writeSync(file, `[... ${gone} bytes of older output are gone ...]\n`);
      writeSync(file, kept);
    } finally {
      closeSync(file);
    }
  }

  remove(): void {
    for (const kind of ['result', 'out', 'err', 'status']) rmSync(`${this.#base}.${kind}`, { force: true });
  }
}

/** So often it is looked for more, since a command may write faster than it is read. */
const CATCH_UPS = 16;

function caughtUp(file: number, read: Buffer, end: number, most: number): Buffer {
  let [newest, until] = [read, end];
  for (let round = 0; round < CATCH_UPS; round += 1) {
    const grown = fstatSync(file).size - until;
    if (grown <= 0) break;
    newest = Buffer.concat([newest, readPart(file, until, grown)]).subarray(-most);
    until += grown;
  }
  return newest;
}

export function closeFiles(files: SpoolFiles): void {
  closeSync(files.status);
  closeSync(files.stdout);
  closeSync(files.stderr);
}

function readOptional(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

/** First line the record, then what the parent shell said. Null when not even the record is whole. */
export function parseStatus(text: string): CommandStatus | null {
  const [first = '', ...lines] = text.split('\n');
  if (lines.length === 0) return null;
  const record = JSON.parse(first) as CommandRecord;
  const started = /^started (\d+)$/.exec(lines[0] ?? '');
  if (!started) return { record };
  const group = Number(started[1]);
  const exit = /^exit (\d+)$/.exec(lines.at(-2) ?? '');
  if (!exit || lines.at(-1) !== '') return { record, group };
  const code = Number(exit[1]);
  const shellSpoke = lines.length > 3;
  return { record, group, end: shellSpoke && code > 128 ? { signal: signalName(code - 128) } : { code } };
}

function signalName(number: number): string {
  const known = Object.entries(system.signals).find(([, value]) => value === number);
  return known ? known[0] : `signal ${number}`;
}
