import { toYonderError } from '../../protocol/errors.ts';
import type { EventFields } from '../../protocol/events/events.ts';
import type { CommandResult } from '../../protocol/runner.ts';
import type { CommandHandle, CommandOutput } from '../../protocol/workspace.ts';
import { followOutput } from '../../tools/shell/follow-output.ts';
import type { RunState } from '../fold/run-state.ts';
import { newId } from '../ids.ts';
import { event, type LoopContext } from './context.ts';

/** Output is recorded in pieces of at least so many characters, or after so many milliseconds. */
const PIECE = 8 * 1024;
const PAUSE = 100;

type End = Pick<EventFields<'shell'>, 'outcome' | 'exit_code'> & { words: string };

/**
 * A person's own command, in the session's workspace: no model and no decision, for it is the person who acts. What it writes is recorded as
 * `shell` events, 256 Ki characters at most; a command that was cut off is asked for by its id (R19), and never started twice.
 */
export async function runShell(context: LoopContext, run: RunState, signal: AbortSignal): Promise<void> {
  const { shell } = run;
  if (shell === undefined) return;
  const recorder = new Recorder(context, run);
  let text = '';
  let end: End;
  try {
    const workspace = await context.workspace();
    const found = shell.command_id === undefined ? undefined : await workspace.findCommand(shell.command_id);
    if (found?.state === 'unknown') {
      end = { outcome: 'unknown', words: 'It was cut off, and whether it took effect is not known.' };
    } else if (found?.state === 'ended') {
      text = await followOutput(recorded(found.result), (_stream, piece) => recorder.add(piece));
      end = endOf(found.result);
    } else {
      const handle = found?.handle ?? (await start(context, run, shell.command, signal));
      ({ text, end } = await follow(handle, recorder, signal));
    }
  } catch (thrown) {
    end = {
      outcome: 'failed',
      words: `It could not be run: ${toYonderError(thrown, 'tool_failed').message}`,
    };
  }
  await recorder.flush();
  const { words, ...fields } = end;
  const response = [`I ran this command myself: ${shell.command}`, text.trimEnd(), words]
    .filter((line) => line !== '')
    .join('\n');
  await context.log.append({
    events: [event('shell', run, { output: '', status: 'ended', ...fields, response })],
  });
  await forget(context, run);
}

async function start(
  context: LoopContext,
  run: RunState,
  command: string,
  signal: AbortSignal,
): Promise<CommandHandle> {
  const command_id = newId('cmd');
  await context.log.append({
    flush: true,
    events: [event('shell', run, { output: '', status: 'started', command, command_id })],
  });
  const workspace = await context.workspace();
  return workspace.start({ command_id, program: 'sh', args: ['-c', command], io: 'spool' }, { signal });
}

async function follow(
  handle: CommandHandle,
  recorder: Recorder,
  signal: AbortSignal,
): Promise<{ text: string; end: End }> {
  const cancel = (): void => void handle.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    if (signal.aborted) cancel();
    const text = await followOutput(handle.output, (_stream, piece) => recorder.add(piece));
    return { text, end: endOf(await handle.result) };
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

async function* recorded({ stdout, stderr }: CommandResult): AsyncGenerator<CommandOutput> {
  const encoder = new TextEncoder();
  yield { stream: 'stdout', bytes: encoder.encode(stdout) };
  yield { stream: 'stderr', bytes: encoder.encode(stderr) };
}

function endOf(result: CommandResult): End {
  const { outcome, exit_code } = result;
  const code = exit_code === undefined || exit_code === null ? {} : { exit_code };
  if (outcome === 'exited')
    return { outcome, ...code, words: exit_code === 0 ? '' : `It ended with exit code ${exit_code}.` };
  const words =
    outcome === 'signaled' ? `ended by the signal ${result.signal ?? 'unknown'}` : outcome.replace('_', ' ');
  return { outcome, ...code, words: `It was ${words}.` };
}

/** What it left behind costs room, and not the run. */
async function forget(context: LoopContext, run: RunState): Promise<void> {
  const command_id = run.shell?.command_id;
  if (command_id === undefined) return;
  try {
    await (await context.workspace()).forgetCommand(command_id);
  } catch (thrown) {
    const message = `what the command ${command_id} left could not be removed: ${toYonderError(thrown, 'tool_failed').message}`;
    await context.log.append({ events: [event('warning', run, { message })] });
  }
}

/** Records output as it comes, in pieces that are worth a commit. */
class Recorder {
  readonly #context: LoopContext;
  readonly #run: RunState;
  #text = '';
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(context: LoopContext, run: RunState) {
    this.#context = context;
    this.#run = run;
  }

  add(text: string): void {
    this.#text += text;
    if (this.#text.length >= PIECE) void this.#write();
    else this.#timer ??= setTimeout(() => void this.#write(), PAUSE);
  }

  /** A log that cannot be written has told its readers why; the end of the command fails for the same reason. */
  #write(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const output = this.#text;
    this.#text = '';
    if (output === '') return this.#writing;
    this.#writing = this.#writing
      .then(() => this.#context.log.append({ events: [event('shell', this.#run, { output })] }))
      .then(
        () => undefined,
        () => undefined,
      );
    return this.#writing;
  }

  async flush(): Promise<void> {
    await this.#write();
  }
}
