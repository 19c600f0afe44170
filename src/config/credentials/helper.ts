import { spawn } from 'node:child_process';
import { signalProcess } from '../../process/process-tree.ts';

export interface HelperOptions {
  /** The program and its arguments; the variable's name is added as the last one. */
  command: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds; default 10 s. */
  within?: number;
}

const MAX_BYTES = 64 * 1024;

/**
 * Asks the credential helper for the key of a variable: the first line that it prints. No shell reads the command. What it prints is in no message, neither on stdout nor on
 * stderr. `problem` where it cannot be started, ends with another code than 0, takes too long or prints too much; then it is ended with all that it started.
 */
export function askHelper(
  name: string,
  { command, env, within = 10_000 }: HelperOptions,
): Promise<{ value?: string; problem?: string }> {
  const [program, ...args] = command;
  if (program === undefined) return Promise.resolve({});
  const { promise, resolve } = Promise.withResolvers<{ value?: string; problem?: string }>();
  const child = spawn(program, [...args, name], { stdio: ['ignore', 'pipe', 'ignore'], env, detached: true });
  let printed = '';
  const end = (result: { value?: string; problem?: string }): void => {
    clearTimeout(timer);
    // Its group: a helper may have started others.
    if (child.pid !== undefined) signalProcess(-child.pid, 'SIGKILL');
    child.stdout.destroy();
    resolve(result);
  };
  const timer = setTimeout(
    () => end({ problem: `${program} gave no answer in ${within / 1000} seconds` }),
    within,
  );
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
    if (printed.length > MAX_BYTES) end({ problem: `${program} printed more than a key` });
  });
  child.on('error', (cause: NodeJS.ErrnoException) =>
    end({ problem: `${program} cannot be started (${cause.code ?? 'error'})` }),
  );
  child.on('close', (code, signal) => {
    if (code !== 0) return end({ problem: `${program} ended with ${signal ?? `exit code ${code ?? '?'}`}` });
    const value = (printed.split('\n')[0] ?? '').trim();
    return end(value === '' ? {} : { value });
  });
  return promise;
}
