import { spawn } from 'node:child_process';
import { COMMAND_TAG, endTree, nestTag, signalProcess } from './process-tree.ts';

/** How a helper program ended, and what it wrote. */
export interface ProgramExit {
  readonly ended: 'exit' | 'timed_out' | 'too_long' | 'aborted';
  /** Null where a signal ended it. */
  readonly code: number | null;
  readonly stdout: Buffer;
  /** At most some kilobytes, as text. */
  readonly stderr: string;
}

export interface RunProgram {
  /** Absolute path. */
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment: nothing of this process's own is added. */
  readonly env: Readonly<Record<string, string>>;
  readonly stdin?: string | Uint8Array | undefined;
  /** Wall-clock milliseconds, after which its process group is killed. */
  readonly timeout_ms: number;
  /** Bytes of stdout that are taken; more ends the program. */
  readonly max_bytes: number;
  readonly signal?: AbortSignal | undefined;
  /**
   * A name for its process tree, unique on this machine. With it what left the group is ended too when time, output or signal end the program; and
   * its own exit is its end, whatever it left behind in its group or holding its output.
   */
  readonly tag?: string | undefined;
}

const KEPT_STDERR = 16 * 1024;
/** Milliseconds that output has to arrive after the exit, where something else still holds the pipe. */
const AFTER_EXIT_MS = 250;

/**
 * Runs a helper program to its end, with bounded time and output, in a process group of its own that is killed whole. Rejects with the
 * signal's reason when that aborts, and with the operating system's error where the program cannot be started.
 */
export async function runProgram(request: RunProgram): Promise<ProgramExit> {
  request.signal?.throwIfAborted();
  const { tag } = request;
  const child = spawn(request.program, request.args, {
    cwd: request.cwd,
    env: tag === undefined ? request.env : { ...request.env, [COMMAND_TAG]: nestTag(tag, request.env) },
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let ended: ProgramExit['ended'] = 'exit';
  let swept: Promise<boolean> | undefined;
  const end = (why: ProgramExit['ended']): void => {
    if (ended === 'exit') ended = why;
    if (child.pid !== undefined) signalProcess(-child.pid, 'SIGKILL');
    if (tag !== undefined) swept = endTree({ tag }, { graceMs: 0 });
  };
  const abort = (): void => end('aborted');
  const timer = setTimeout(() => end('timed_out'), request.timeout_ms);
  request.signal?.addEventListener('abort', abort, { once: true });
  let held: NodeJS.Timeout | undefined;
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  let size = 0;
  let said = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > request.max_bytes) end('too_long');
    else stdout.push(chunk);
  });
  child.stderr.on('data', (chunk: Buffer) => {
    if (said < KEPT_STDERR) stderr.push(chunk);
    said += chunk.length;
  });
  // A program that ends before it has read everything is judged by its exit code.
  child.stdin.on('error', () => undefined);
  child.stdin.end(request.stdin);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
      if (tag !== undefined)
        child.once('exit', (exit) => {
          if (child.pid !== undefined) signalProcess(-child.pid, 'SIGKILL');
          held = setTimeout(() => {
            for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe.destroy();
            resolve(exit);
          }, AFTER_EXIT_MS);
        });
    });
    await swept;
    request.signal?.throwIfAborted();
    const words = Buffer.concat(stderr).toString('utf8').trim();
    return { ended, code, stdout: Buffer.concat(stdout), stderr: words };
  } finally {
    clearTimeout(timer);
    clearTimeout(held);
    request.signal?.removeEventListener('abort', abort);
  }
}
