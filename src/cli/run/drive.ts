import type { Runtime } from '../../protocol/backend.ts';
import type { InputMessage } from '../../protocol/contract/payloads.ts';
import type { WireEvent } from '../../protocol/events/events.ts';
import { toYonderError, YonderError } from '../../protocol/errors.ts';
import { cutText } from '../render/closing.ts';
import type { Renderer } from '../render/renderer.ts';
import type { Questions } from '../questions/questions.ts';
import { changing, looking } from '../request-context.ts';
import type { Interrupts } from '../terminal/interrupts.ts';
import type { Output } from '../terminal/output.ts';
import { asTeamCommand } from './team-command.ts';
import { invoke } from './team-skills.ts';
import type { OutcomeFold } from './outcome.ts';

/** What a run is driven with; the same for all runs of a command. */
export interface Drive {
  runtime: Runtime;
  renderer: Renderer;
  output: Output;
  fold: OutcomeFold;
  interrupts: Interrupts;
  /** Absent where nobody can be asked. */
  questions?: Questions | undefined;
  /** The session is gone: a person deleted it in its conversation. */
  deleted?: boolean;
}

/** Sends one message, or invokes the team's command or the skill that it is, and shows its run to the end; true when it ended `normal`. */
export async function runMessage(drive: Drive, message: InputMessage): Promise<boolean> {
  const command = await asTeamCommand(drive.runtime, message.content);
  if (command !== undefined) {
    const { as_of } = await drive.runtime.open(looking(), {});
    const { run_id } = await invoke(drive.runtime, command);
    return showRun(drive, drive.runtime.follow(looking(), { after: as_of, run_id }), run_id);
  }
  const stream = await drive.runtime.run(changing(), { messages: [message] });
  return showRun(drive, stream, stream.run_id);
}

/** Shows a run of this session to its end; the first interrupt ends it. True when it ended `normal`. */
export async function showRun(
  drive: Drive,
  events: AsyncIterable<WireEvent>,
  run_id: string,
): Promise<boolean> {
  const { runtime, interrupts, output, fold, renderer } = drive;
  let asked: Promise<unknown> = Promise.resolve();
  interrupts.onFirst(() => {
    output.note('interrupting… (again: end at once)');
    asked = runtime.interrupt(changing(), { run_id }).catch((thrown: unknown) => {
      output.note(`the run could not be interrupted: ${toYonderError(thrown).message}`);
    });
  });
  try {
    const ended = await show(drive, events);
    await asked;
    if (!ended)
      throw new YonderError(
        'unavailable',
        'the stream ended before the run did; look at it with: yonder sessions show',
      );
  } finally {
    interrupts.onFirst(undefined);
    await drive.questions?.close();
    await renderer.settle();
  }
  const end = fold.outcome.ends.at(-1);
  if (end?.reason === 'canceled') output.note(cutText(fold.outcome));
  return end?.reason === 'normal';
}

/** True when the run's own end was seen. */
async function show(
  { renderer, fold, questions }: Drive,
  events: AsyncIterable<WireEvent>,
): Promise<boolean> {
  for await (const event of events) {
    await renderer.event(event);
    questions?.take(event);
    if (fold.take(event)) return true;
  }
  return false;
}
