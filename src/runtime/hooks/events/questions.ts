import type { RunState } from '../../fold/run-state.ts';
import type { LoopContext } from '../../loop/context.ts';
import { tell } from './tell.ts';

/** `on_user_input`, before a question is put to a person. `subject`: which one, unique in the run. */
export async function beforeQuestion(context: LoopContext, run: RunState, subject: string): Promise<void> {
  const signal = context.signalOf(run.run_id);
  await tell(context, run, { event: 'on_user_input', subject, input: {}, signal });
}

/** `notification`, for a warning that the log has. */
export async function notify(context: LoopContext, run: RunState, message: string): Promise<void> {
  const signal = context.signalOf(run.run_id);
  if (signal.aborted) return;
  await tell(context, run, {
    event: 'notification',
    subject: String(context.log.state.head),
    input: { notification_level: 'warning', notification_message: message },
    signal,
  });
}
