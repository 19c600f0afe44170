import { setTimeout as delay } from 'node:timers/promises';
import type { Runtime } from '../../protocol/backend.ts';
import { parseEvent } from '../../protocol/events/events.ts';
import { looking } from '../request-context.ts';

/** Milliseconds between looks at a queue that is about to begin a run. */
const LOOK_AGAIN = 20;

/**
 * The run that an input begins which came as another run ended: one that goes on, one that has begun and may be over since event `head`, or one that
 * is about to begin, for as long as something waits in the queue. Undefined: nothing that was sent waits any more.
 */
export async function nextRun(runtime: Runtime, head: number): Promise<string | undefined> {
  // A row leaves the queue and its run begins in one moment, which a look at both may have between them.
  for (let looks = 0; looks < 2;) {
    const { active_run, queue, as_of } = await runtime.open(looking(), {});
    if (active_run !== undefined) return active_run.run_id;
    const begun = as_of > head ? await begunSince(runtime, head) : undefined;
    if (begun !== undefined) return begun;
    if (queue.steer.depth + queue.followup.depth > 0) await delay(LOOK_AGAIN);
    else looks += 1;
  }
  return undefined;
}

/** The first run of the session itself after this event. */
async function begunSince(runtime: Runtime, head: number): Promise<string | undefined> {
  for await (const { type, json } of runtime.follow(looking(), { after: head, follow: false })) {
    if (type !== 'stream_started') continue;
    const { session_id, run_id } = parseEvent(json);
    if (session_id === runtime.session_id) return String(run_id);
  }
  return undefined;
}
