import type { EventOf } from '../../protocol/events/events.ts';
import type { CallState } from './call-state.ts';
import type { RunState } from './run-state.ts';

const TYPED: ReadonlySet<string> = new Set(['command', 'skill', 'prompt']);

/** The run is one of a command that a person invoked. */
export function beginCommand(run: RunState, event: EventOf<'input_taken'>): void {
  if (!TYPED.has(event.kind) || event.name === undefined) return;
  run.command = {
    name: event.name,
    arguments: event.arguments ?? [],
    by: event.by,
    results: [],
    is_skill: event.kind === 'skill',
    prompt: event.kind === 'prompt' ? (event.prompt_arguments ?? {}) : undefined,
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
