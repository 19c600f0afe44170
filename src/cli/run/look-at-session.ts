import type { Backend } from '../../protocol/backend.ts';
import { YonderError } from '../../protocol/errors.ts';
import { openBackend } from '../backend.ts';
import type { RunFlags } from '../flags/run-flags.ts';
import { withEnvironment } from '../flags/environment.ts';
import { placesOf } from '../places.ts';
import { transcriptLines, transcriptText } from '../render/transcript.ts';
import { looking } from '../request-context.ts';
import type { Io } from '../terminal/io.ts';
import type { Output } from '../terminal/output.ts';
import { styleFor } from '../terminal/style.ts';

/**
 * `run --session ID --session-read-only`: what was said in a session, over a store that is opened for reading alone. `invalid_request` for
 * a message, which would have to be sent, and for no session.
 */
export async function lookAtSession(
  flags: RunFlags,
  words: readonly string[],
  io: Io,
  output: Output,
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
  const places = placesOf(withEnvironment(flags, io.env), io);
  const backend = await openBackend({ places, io, readOnly: true });
  try {
    const runtime = backend.session(flags.session ?? (await newest(backend, io)));
    const { session, active_run } = await runtime.open(looking(), {});
    const transcript = await runtime.transcript(looking(), {});
    if (flags.json === true)
      for (const line of transcriptLines(transcript)) await output.text(`${JSON.stringify(line)}\n`);
    else await output.text(transcriptText(transcript, styleFor(io.stdout, io.env)));
    const { session_id, state } = session;
    const goes =
      active_run === undefined || state === 'interrupted'
        ? ''
        : `; a run goes on in process ${active_run.pid ?? '?'}, which this does not follow: yonder run --session ${session_id} does`;
    output.note(`session ${session_id}, ${state}, only looked at${goes}`);
    return 0;
  } finally {
    await backend.close();
  }
}

async function newest(backend: Backend, io: Io): Promise<string> {
  const { sessions } = await backend.listSessions(looking(), { cwd: io.cwd, limit: 1 });
  if (sessions[0] !== undefined) return sessions[0].session_id;
  throw new YonderError('not_found', `--continue: no session has worked in ${io.cwd} yet`);
}
