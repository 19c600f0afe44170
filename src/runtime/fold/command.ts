import type { EventOf } from '../../protocol/events/events.ts';
import type { CallState, RunState } from './state.ts';

/** The run is one of a command that a person invoked. */
export function beginCommand(run: RunState, event: EventOf<'input_taken'>): void {
  if ((event.kind !== 'command' && event.kind !== 'skill') || event.name === undefined) return;
  run.command = {
    name: event.name,
    arguments: event.arguments ?? [],
    by: event.by,
    results: [],
    is_skill: event.kind === 'skill',
  };
}

/** The result of a `!tool()` goes into the text of the command, and is no message of its own. */
export function keepResult(
  run: RunState | undefined,
  call: CallState | undefined,
  response: string,
): boolean {
  if (run?.command === undefined || call?.source !== 'command') return false;
  run.command.results[call.index] = response;
  return true;
}
