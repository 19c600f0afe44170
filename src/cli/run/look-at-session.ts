import type { Runtime } from '../../protocol/backend.ts';
import { YonderError } from '../../protocol/errors.ts';
import { withBackend } from '../commands/with-backend.ts';
import type { RunFlags } from '../flags/run-flags.ts';
import type { Renderer } from '../render/renderer.ts';
import { transcriptLines, transcriptText } from '../render/transcript.ts';
import { resumeCommand } from '../remote/remote-server.ts';
import { looking } from '../request-context.ts';
import type { Interrupts } from '../terminal/interrupts.ts';
import type { Io } from '../terminal/io.ts';
import type { Output } from '../terminal/output.ts';
import { styleFor } from '../terminal/style.ts';
import { newestIn, SERVER_FOLDER } from './newest-session.ts';
import { rendererFor } from './renderer.ts';

/**
 * `run --session ID --session-read-only`: what was said in a session, over a store that is opened for reading alone. `invalid_request` for
 * a message, which would have to be sent, and for no session.
 */
export async function lookAtSession(
  flags: RunFlags,
  words: readonly string[],
  io: Io,
  output: Output,
  interrupts: Interrupts,
): Promise<number> {
  if (flags.session === undefined && flags.continue !== true) {
    throw new YonderError(
      'invalid_request',
      '--session-read-only needs --session ID or --continue: it says which session is looked at',
    );
  }
  if (words.length > 0) {
    throw new YonderError(
      'invalid_request',
      `--session-read-only: the session is only looked at, and "${words[0]}" would have to be sent to it; leave out the message, or the flag`,
    );
  }
  return withBackend(flags, io, { readOnly: true }, async (backend, _output, server) => {
    const folder = server === undefined ? io.cwd : SERVER_FOLDER;
    const runtime = backend.session(flags.session ?? (await newestIn(folder, backend, server)));
    const { session, active_run, as_of } = await runtime.open(looking(), {});
    const transcript = await runtime.transcript(looking(), {});
    if (flags.json === true)
      for (const line of transcriptLines(transcript)) await output.text(`${JSON.stringify(line)}\n`);
    else await output.text(transcriptText(transcript, styleFor(io.stdout, io.env)));
    const { session_id, state } = session;
    const running = state === 'interrupted' ? undefined : active_run;
    const goes =
      running === undefined
        ? ''
        : flags.json === true
          ? `; a run goes on in process ${running.pid ?? '?'}, which --json does not follow: ${resumeCommand(session_id, server)} does`
          : `; a run goes on in process ${running.pid ?? '?'}, and this follows it (Ctrl-C leaves it alone)`;
    output.note(`session ${session_id}, ${state}, only looked at${goes}`);
    if (running !== undefined && flags.json !== true) {
      const renderer = rendererFor({ flags, server }, io, output, false);
      renderer.begin(session_id);
      await followToItsEnd(runtime, { run_id: running.run_id, after: as_of }, renderer, interrupts);
    }
    return 0;
  });
}

/** What comes after the transcript, until the run ends or the person has seen enough. */
async function followToItsEnd(
  runtime: Runtime,
  from: { run_id: string; after: number },
  renderer: Renderer,
  interrupts: Interrupts,
): Promise<void> {
  const leave = new AbortController();
  interrupts.onFirst(() => leave.abort());
  try {
    for await (const event of runtime.follow(looking(leave.signal), from)) await renderer.event(event);
  } catch (thrown) {
    if (!leave.signal.aborted) throw thrown;
  } finally {
    interrupts.onFirst(undefined);
    await renderer.settle();
  }
}
