import type { ChildProcess } from 'node:child_process';
import { fstatSync } from 'node:fs';
import { endTree, findTree, signalProcess } from '../../../process/process-tree.ts';
import { YonderError } from '../../../protocol/errors.ts';
import type { CommandOutcome, CommandResult } from '../../../protocol/runner.ts';
import type { CommandHandle, CommandOutput } from '../../../protocol/workspace.ts';
import { keptText, readPart } from './kept-text.ts';
import { closeFiles, type CommandRecord, type CommandSpool, type SpoolFiles } from './spool.ts';

const CAP_CHECK_MS = 100;
const READ_PAUSE_MS = { first: 2, longest: 50 };
const WATCH_PAUSE_MS = { first: 5, longest: 250 };
const CHUNK = 64 * 1024;

export interface SpoolCommandParts {
  readonly record: CommandRecord;
  readonly spool: CommandSpool;
  readonly files: SpoolFiles;
  readonly group: number | undefined;
  /** The parent shell, where this process started it; an attached command is watched instead. */
  readonly child: ChildProcess | null;
  /** Bytes of stdout and stderr together, after which the tree is ended. */
  readonly capBytes: number;
  onEnd(): void;
}

/** How a tree was ended by us, which then is the outcome whatever the command made of it. */
type Forced = Extract<CommandOutcome, 'timed_out' | 'cancelled' | 'output_limit'>;

/** A command whose output goes to the spool: started by this Host, or found again after another one. */
export class SpoolCommand implements CommandHandle {
  readonly command_id: string;
  readonly output: AsyncIterable<CommandOutput>;
  readonly result: Promise<CommandResult>;
  readonly #parts: SpoolCommandParts;
  readonly #settled = Promise.withResolvers<CommandResult>();
  readonly #timers: NodeJS.Timeout[] = [];
  #forced: Forced | undefined;
  #ending: Promise<boolean> | undefined;
  #ended = false;
  #exited = false;
  #reading = false;
  #filesClosed = false;
  #wakeReader: () => void = () => {};

  constructor(parts: SpoolCommandParts) {
    this.#parts = parts;
    this.command_id = parts.record.command_id;
    this.result = this.#settled.promise;
    // Whoever waits for the result hears of a failure; with nobody waiting it must not end the process.
    this.result.catch(() => {});
    this.output = { [Symbol.asyncIterator]: () => this.#read() };
    this.#setLimits();
    if (parts.child) parts.child.once('exit', (_code, signal) => void this.#onExit(signal ?? undefined));
    else this.#watch(WATCH_PAUSE_MS.first);
  }

  async cancel(): Promise<boolean> {
    return this.#ended ? endTree(this.#tree()) : this.#end('cancelled');
  }

  /** Stops looking; the command goes on and is found again by its id. */
  letGo(): void {
    this.#clearTimers();
    this.#parts.child?.removeAllListeners('exit');
    this.#parts.child?.unref();
    this.#ended = true;
    this.#settled.reject(
      new YonderError(
        'session_closed',
        `the workspace was closed while the command ${this.command_id} ran on`,
      ),
    );
    this.#wakeReader();
    this.#closeFiles(true);
  }

  #tree() {
    const { group, child, spool } = this.#parts;
    return { tag: spool.name, group, groupIsCertain: () => child !== null && !this.#exited };
  }

  #end(outcome: Forced): Promise<boolean> {
    this.#forced ??= outcome;
    this.#ending ??= endTree(this.#tree()).then((gone) => {
      // Where nothing is left, not even the parent shell, and there is no child to tell us, the end is now.
      if (gone && !this.#parts.child) this.#settle(undefined);
      if (!gone) this.#ending = undefined;
      return gone;
    });
    return this.#ending;
  }

  #setLimits(): void {
    const { started_ms, timeout_ms } = this.#parts.record;
    if (timeout_ms !== null) {
      const left = Math.max(0, started_ms + timeout_ms - Date.now());
      // Longer than setTimeout can count (24.8 days) is no limit in practice.
      if (left < 2 ** 31) this.#timers.push(setTimeout(() => void this.#end('timed_out'), left));
    }
    const { keep_bytes } = this.#parts.record;
    if (keep_bytes !== undefined) {
      this.#timers.push(setInterval(() => this.#dropOldest(keep_bytes), CAP_CHECK_MS));
      return;
    }
    const check = setInterval(() => {
      if (this.#size('stdout') + this.#size('stderr') > this.#parts.capBytes) void this.#end('output_limit');
    }, CAP_CHECK_MS);
    this.#timers.push(check);
  }

  #dropOldest(limit: number): void {
    const { spool } = this.#parts;
    if (this.#size('stdout') > limit) spool.dropOldest('out', limit);
    if (this.#size('stderr') > limit) spool.dropOldest('err', limit);
  }

  #size(stream: 'stdout' | 'stderr'): number {
    return fstatSync(this.#parts.files[stream]).size;
  }

  async #onExit(signal: string | undefined): Promise<void> {
    this.#exited = true;
    const { group } = this.#parts;
    if (this.#ending) await this.#ending;
    // What is left in the group would write to files that nobody reads any more.
    else if (group !== undefined && signalProcess(-group, 0)) await endTree({ group });
    this.#settle(signal);
  }

  /** For a command that is not our child: the status file tells the end, or nothing of the tree is left. */
  #watch(pause: number): void {
    const timer = setTimeout(() => {
      const done = this.#parts.spool.readStatus()?.end !== undefined;
      if (this.#ending) return;
      if (done || findTree(this.#tree()).length === 0) void this.#onExit(undefined);
      else this.#watch(Math.min(pause * 2, WATCH_PAUSE_MS.longest));
    }, pause);
    this.#timers.push(timer);
  }

  #settle(parentSignal: string | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#clearTimers();
    const { keep_bytes } = this.#parts.record;
    try {
      if (keep_bytes !== undefined) this.#dropOldest(keep_bytes);
      const result = readResult(this.#parts, this.#forced, parentSignal);
      this.#settled.resolve(result);
      if (result.truncated && keep_bytes === undefined)
        void this.#parts.spool.shrink(result).catch(() => this.#parts.spool.remove());
    } catch (error) {
      this.#settled.reject(error);
    } finally {
      this.#closeFiles(false);
      this.#wakeReader();
      this.#parts.onEnd();
    }
  }

  #clearTimers(): void {
    for (const timer of this.#timers.splice(0)) clearTimeout(timer);
  }

  /** A reader that has begun keeps the files open until it is through. */
  #closeFiles(evenIfRead: boolean): void {
    if (this.#filesClosed || (this.#reading && !evenIfRead)) return;
    this.#filesClosed = true;
    closeFiles(this.#parts.files);
  }

  async *#read(): AsyncGenerator<CommandOutput> {
    if (this.#filesClosed || this.#reading) return;
    this.#reading = true;
    const position = { stdout: 0, stderr: 0 };
    try {
      for (let pause = READ_PAUSE_MS.first; !this.#filesClosed;) {
        const ended = this.#ended;
        let read = 0;
        // stderr is looked at first and given last: what a command wrote to stdout before it is then never missed by that look.
        const size = { stderr: this.#size('stderr'), stdout: this.#size('stdout') };
        for (const stream of ['stdout', 'stderr'] as const) {
          const length = Math.min(CHUNK, size[stream] - position[stream]);
          if (length <= 0) continue;
          const bytes = readPart(this.#parts.files[stream], position[stream], length);
          position[stream] += bytes.length;
          read += bytes.length;
          yield { stream, bytes };
          if (this.#filesClosed) return;
        }
        if (read > 0) pause = READ_PAUSE_MS.first;
        else if (ended) return;
        else pause = await this.#rest(pause);
      }
    } finally {
      this.#reading = false;
      if (this.#ended) this.#closeFiles(true);
    }
  }

  async #rest(pause: number): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, pause);
    this.#wakeReader = resolve;
    if (!this.#ended) await promise;
    clearTimeout(timer);
    return Math.min(pause * 2, READ_PAUSE_MS.longest);
  }
}

/** The result of a command that is over, from what is in its spool. */
export function readResult(
  { record, spool, files }: Pick<SpoolCommandParts, 'record' | 'spool' | 'files'>,
  forced?: Forced,
  parentSignal?: string,
): CommandResult {
  const end = spool.readStatus()?.end;
  const stdout = keptText(files.stdout, record.max_bytes);
  const stderr = keptText(files.stderr, record.max_bytes);
  const signal = end && 'signal' in end ? end.signal : end ? undefined : parentSignal;
  const outcome: CommandOutcome = forced ?? (signal ? 'signaled' : end ? 'exited' : 'lost');
  const exit_code = outcome === 'exited' && end && 'code' in end ? end.code : null;
  return {
    command_id: record.command_id,
    exit_code,
    stdout: stdout.text,
    stderr: stderr.text,
    outcome,
    ...(signal === undefined ? {} : { signal }),
    bytes: { stdout: stdout.bytes, stderr: stderr.bytes },
    truncated: stdout.truncated || stderr.truncated,
    duration_ms: Math.max(0, Date.now() - record.started_ms),
  };
}
