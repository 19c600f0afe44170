import type { CommandHandle, Workspace } from '../../protocol/workspace.ts';
import { MAX_STDOUT, TOO_LONG, timedOut, type CommandEnd, type CommandRun } from './command-end.ts';
import { argvOf } from './command-line.ts';
import type { StandingHook } from './types.ts';

const KEPT_STDERR = 16 * 1024;
/** Milliseconds that output has to arrive after the exit, where something else still holds the pipe. */
const AFTER_EXIT_MS = 250;

/** The same where tools act, for the hooks of a team (R17): their scripts are there, and so is their working folder. */
export async function runOnRunner(
  workspace: Workspace,
  { definition }: StandingHook,
  run: CommandRun,
): Promise<CommandEnd> {
  // What is no program there is said by the shell.
  const { program, args } = argvOf(definition, (word) => word.includes('/'));
  const handle = await workspace.start(
    {
      command_id: run.tag,
      program,
      args,
      ...(definition.working_dir === undefined ? {} : { cwd: definition.working_dir }),
      env: run.env,
      io: 'pipe',
      stdin: 'pipe',
      timeout_ms: run.timeout_ms,
    },
    { signal: run.signal },
  );
  const reading = read(handle);
  // One that ends before it has read everything is judged by its exit code.
  const fed = feed(handle, run.stdin);
  const result = await handle.result;
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, AFTER_EXIT_MS);
  await Promise.race([reading.ended, late.promise]);
  clearTimeout(timer);
  await fed;
  run.signal.throwIfAborted();
  if (reading.isTooLong()) return { failure: TOO_LONG };
  if (result.outcome === 'timed_out') return { failure: timedOut(run.timeout_ms) };
  if (result.outcome !== 'exited' || result.exit_code === null)
    return { failure: result.signal === undefined ? 'it was ended' : `a signal ended it (${result.signal})` };
  return { code: result.exit_code, ...reading.text() };
}

async function feed({ stdin }: CommandHandle, text: string): Promise<void> {
  try {
    await stdin?.write(text);
    await stdin?.end();
  } catch {
    // It closed its end.
  }
}

function read(handle: CommandHandle): {
  ended: Promise<void>;
  isTooLong(): boolean;
  text(): { stdout: string; stderr: string };
} {
  const kept = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };
  const size = { stdout: 0, stderr: 0 };
  const take = async (): Promise<void> => {
    for await (const { stream, bytes } of handle.output) {
      const before = size[stream];
      size[stream] += bytes.length;
      if (stream === 'stderr' ? before < KEPT_STDERR : size.stdout <= MAX_STDOUT) kept[stream].push(bytes);
      if (size.stdout > MAX_STDOUT) {
        await handle.cancel();
        return;
      }
    }
  };
  const textOf = (pieces: Uint8Array[]): string => Buffer.concat(pieces).toString('utf8');
  return {
    // What the runner has to say of it comes with the result.
    ended: take().catch(() => undefined),
    isTooLong: () => size.stdout > MAX_STDOUT,
    text: () => ({ stdout: textOf(kept.stdout), stderr: textOf(kept.stderr).trim() }),
  };
}
