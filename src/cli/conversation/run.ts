import type { Runtime } from '../../protocol/backend.ts';
import { toYonderError, YonderError } from '../../protocol/errors.ts';
import type { WireEvent, YonderEvent } from '../../protocol/events/events.ts';
import { cutText } from '../render/closing.ts';
import type { Questions } from '../questions/questions.ts';
import { readEvent } from '../render/read-event.ts';
import { changing } from '../request-context.ts';
import { OutcomeFold } from '../run/outcome.ts';
import type { Screen } from './screen.ts';
import type { View } from './view.ts';

export interface ShownRun {
  runtime: Runtime;
  events: AsyncIterable<WireEvent>;
  run_id: string;
  view: View;
  screen: Screen;
  questions: Questions | undefined;
  /** Gets what ends the run in good order, and undefined when it has ended. */
  onCut(cut: (() => void) | undefined): void;
  /** Of the whole command. */
  total: OutcomeFold;
  onEvent(event: YonderEvent): void;
}

/** Shows a run to its end and gives the reason of that. */
export async function showRun(shown: ShownRun): Promise<string> {
  const { runtime, view, screen, questions, onCut } = shown;
  const own = new OutcomeFold(runtime.session_id);
  let asked: Promise<void> | undefined;
  onCut(() => {
    asked ??= interrupt(shown);
  });
  view.start();
  try {
    if (!(await show(shown, own))) {
      throw new YonderError(
        'unavailable',
        'the stream ended before the run did; yonder sessions show has what came',
      );
    }
    await asked;
  } finally {
    onCut(undefined);
    await questions?.close();
    await view.stop();
  }
  const reason = own.outcome.ends.at(-1)?.reason ?? '';
  if (reason === 'canceled') screen.note(cutText(own.outcome));
  else if (reason !== 'normal' && reason !== 'error')
    screen.note(`the run ended: ${reason.replaceAll('_', ' ')}`);
  return reason;
}

/** True when the run's own end was seen. */
async function show(
  { events, view, questions, total, onEvent }: ShownRun,
  own: OutcomeFold,
): Promise<boolean> {
  for await (const wire of events) {
    await view.event(wire);
    questions?.take(wire);
    total.take(wire);
    if (wire.seq !== undefined) {
      const event = readEvent(wire);
      if (event !== undefined) onEvent(event);
    }
    if (own.take(wire)) return true;
  }
  return false;
}

async function interrupt({ runtime, run_id, screen }: ShownRun): Promise<void> {
  screen.note('interrupting… (Ctrl-C again ends at once)');
  try {
    await runtime.interrupt(changing(), { run_id });
  } catch (thrown) {
    screen.note(`the run could not be interrupted: ${toYonderError(thrown).message}`);
  }
}
