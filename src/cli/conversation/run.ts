import type { Runtime } from '../../protocol/backend.ts';
import { toYonderError, YonderError } from '../../protocol/errors.ts';
import type { WireEvent, YonderEvent } from '../../protocol/events/events.ts';
import { cutText } from '../render/closing.ts';
import { readEvent } from '../render/read-event.ts';
import { changing } from '../request-context.ts';
import { OutcomeFold } from '../run/outcome.ts';
import type { Interrupts } from '../terminal/interrupts.ts';
import type { Asker } from './asker.ts';
import type { Screen } from './screen.ts';
import type { View } from './view.ts';

export interface ShownRun {
  runtime: Runtime;
  events: AsyncIterable<WireEvent>;
  run_id: string;
  view: View;
  screen: Screen;
  asker: Asker | undefined;
  interrupts: Interrupts;
  /** Of the whole command. */
  total: OutcomeFold;
  onEvent(event: YonderEvent): void;
}

/** Shows a run to its end; the first interrupt ends it. Gives the reason of its end. */
export async function showRun(shown: ShownRun): Promise<string> {
  const { runtime, run_id, view, screen, asker, interrupts } = shown;
  const own = new OutcomeFold(runtime.session_id);
  let asked: Promise<void> = Promise.resolve();
  interrupts.onFirst(() => {
    screen.note('interrupting… (Ctrl-C again ends at once)');
    asked = interrupt(runtime, run_id, screen);
  });
  view.start();
  try {
    if (!(await show(shown, own)))
      throw new YonderError(
        'unavailable',
        'the stream ended before the run did; yonder sessions show has what came',
      );
    await asked;
  } finally {
    interrupts.onFirst(undefined);
    await asker?.close();
    await view.stop();
  }
  const reason = own.outcome.ends.at(-1)?.reason ?? '';
  if (reason === 'canceled') screen.note(cutText(own.outcome));
  else if (reason !== 'normal' && reason !== 'error')
    screen.note(`the run ended: ${reason.replaceAll('_', ' ')}`);
  return reason;
}

/** True when the run's own end was seen. */
async function show({ events, view, asker, total, onEvent }: ShownRun, own: OutcomeFold): Promise<boolean> {
  for await (const wire of events) {
    await view.event(wire);
    asker?.take(wire);
    total.take(wire);
    if (wire.seq !== undefined) {
      const event = readEvent(wire);
      if (event !== undefined) onEvent(event);
    }
    if (own.take(wire)) return true;
  }
  return false;
}

async function interrupt(runtime: Runtime, run_id: string, screen: Screen): Promise<void> {
  try {
    await runtime.interrupt(changing(), { run_id });
  } catch (thrown) {
    screen.note(`the run could not be interrupted: ${toYonderError(thrown).message}`);
  }
}
