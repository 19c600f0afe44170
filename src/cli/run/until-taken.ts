import type { Backend, Runtime } from '../../protocol/backend.ts';
import type { RequestContext } from '../../protocol/context.ts';
import { readEvent } from '../render/read-event.ts';
import { changing, looking } from '../request-context.ts';
import type { Output } from '../terminal/output.ts';

/** How long a command waits for the process that drives the session. Milliseconds. */
const PATIENCE = 10_000;

/**
 * Sends an input to a session, by its id, a prefix or `-N`, and waits until whoever drives it has taken it. One that is not taken in
 * time stands in the inbox, and that is said. Gives the whole id.
 */
export async function untilTaken(
  backend: Backend,
  reference: string,
  output: Output,
  send: (runtime: Runtime, context: RequestContext) => Promise<{ input_id: string }>,
): Promise<string> {
  const { session, as_of } = await backend.session(reference).open(looking(), {});
  const { session_id } = session;
  const runtime = backend.session(session_id);
  const { input_id } = await send(runtime, changing());
  const giveUp = AbortSignal.timeout(PATIENCE);
  try {
    for await (const wire of runtime.follow(looking(giveUp), { after: as_of })) {
      const event = readEvent(wire);
      if (event?.type === 'input_taken' && event.input_id === input_id) return session_id;
    }
  } catch (thrown) {
    if (!giveUp.aborted) throw thrown;
  }
  output.note('it is accepted, and counts when the process that works on the session takes it');
  return session_id;
}
