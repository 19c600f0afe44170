import type { ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { endTree, signalProcess } from '../../../process/process-tree.ts';
import { YonderError } from '../../../protocol/errors.ts';
import type { CommandOutcome, CommandResult } from '../../../protocol/runner.ts';
import type { CommandHandle, CommandInput, CommandOutput } from '../../../protocol/workspace.ts';

/**
 * The shell becomes the command, after leaving a guard in its group: when the Host is gone, descriptor 3 ends, and the
 * guard ends the group. It is also ended with the command.
 */
export const GUARD_SCRIPT =
  "(trap '' TERM HUP INT; read -r _ <&3; kill -TERM 0; sleep 1; kill -KILL 0) </dev/null >/dev/null 2>&1 & " +
  'exec "$@" 3<&-';

export interface PipeCommandParts {
  readonly command_id: string;
  readonly tag: string;
  readonly child: ChildProcess;
  readonly group: number;
  readonly timeout_ms: number | undefined;
  readonly wantsInput: boolean;
  onEnd(): void;
}

/** A command with real pipes. It dies with the Host. */
export class PipeCommand implements CommandHandle {
  readonly command_id: string;
  readonly stdin?: CommandInput;
  readonly output: AsyncIterable<CommandOutput>;
  readonly result: Promise<CommandResult>;
  readonly #parts: PipeCommandParts;
  readonly #started = Date.now();
  readonly #bytes = { stdout: 0, stderr: 0 };
  readonly #timer: NodeJS.Timeout | undefined;
  #exited = false;
  #forced: Extract<CommandOutcome, 'timed_out' | 'cancelled'> | undefined;

  constructor(parts: PipeCommandParts) {
    this.#parts = parts;
    this.command_id = parts.command_id;
    if (parts.wantsInput && parts.child.stdin) this.stdin = inputOf(parts.child.stdin, parts.command_id);
    this.output = { [Symbol.asyncIterator]: () => this.#read() };
    const { promise, resolve } = Promise.withResolvers<CommandResult>();
    this.result = promise;
    const { timeout_ms } = parts;
    if (timeout_ms !== undefined) this.#timer = setTimeout(() => void this.#end('timed_out'), timeout_ms);
    parts.child.once('exit', (code, signal) => {
      this.#exited = true;
      clearTimeout(this.#timer);
      // The guard is in this group, so its number is still ours; what else is in it has lost its reason.
      signalProcess(-parts.group, 'SIGKILL');
      resolve(this.#resultOf(code, signal));
      parts.onEnd();
    });
  }

  cancel(): Promise<boolean> {
    return this.#end('cancelled');
  }

  async #end(outcome: 'timed_out' | 'cancelled'): Promise<boolean> {
    if (!this.#exited) this.#forced ??= outcome;
    const { tag, group } = this.#parts;
    return endTree({ tag, group, groupIsCertain: () => !this.#exited });
  }

  #resultOf(code: number | null, signal: string | null): CommandResult {
    const outcome = this.#forced ?? (signal === null ? 'exited' : 'signaled');
    return {
      command_id: this.command_id,
      exit_code: outcome === 'exited' ? code : null,
      stdout: '',
      stderr: '',
      outcome,
      ...(signal === null ? {} : { signal }),
      bytes: { ...this.#bytes },
      truncated: false,
      duration_ms: Math.max(0, Date.now() - this.#started),
    };
  }

  async *#read(): AsyncGenerator<CommandOutput> {
    const { stdout, stderr } = this.#parts.child;
    if (!stdout || !stderr) return;
    const open = new Map<'stdout' | 'stderr', Readable>([
      ['stdout', stdout],
      ['stderr', stderr],
    ]);
    let wake: () => void = () => {};
    const onChange = () => wake();
    for (const pipe of open.values()) for (const event of CHANGES) pipe.on(event, onChange);
    try {
      while (open.size > 0) {
        // Made before looking, so that a change while looking is not missed.
        const changed = new Promise<void>((resolve) => (wake = resolve));
        let read = 0;
        for (const [stream, pipe] of open) {
          const bytes: unknown = pipe.read();
          if (bytes instanceof Uint8Array) {
            this.#bytes[stream] += bytes.length;
            read += bytes.length;
            yield { stream, bytes };
          } else if (pipe.readableEnded || pipe.destroyed) {
            open.delete(stream);
          }
        }
        if (read === 0 && open.size > 0) await changed;
      }
    } finally {
      for (const pipe of [stdout, stderr]) for (const event of CHANGES) pipe.off(event, onChange);
    }
  }
}

const CHANGES = ['readable', 'end', 'close', 'error'] as const;

function inputOf(pipe: Writable, commandId: string): CommandInput {
  let failure: Error | undefined;
  pipe.on('error', (error) => (failure ??= error));
  const closed = (cause: unknown) =>
    new YonderError('conflict', `the command ${commandId} no longer reads its stdin`, { cause });
  return {
    write: (bytes) =>
      new Promise((resolve, reject) => {
        if (failure) reject(closed(failure));
        else pipe.write(bytes, (error) => (error ? reject(closed(error)) : resolve()));
      }),
    end: () =>
      new Promise((resolve) => {
        if (pipe.destroyed || pipe.writableFinished) resolve();
        else pipe.once('close', resolve).end();
      }),
  };
}
