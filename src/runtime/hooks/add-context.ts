import type { HookEvent } from '../../protocol/contract/hooks.ts';
import type { EventDraft } from '../../protocol/store.ts';
import type { RunState } from '../fold/run-state.ts';
import { newId } from '../ids.ts';
import { event } from '../loop/context.ts';
import type { HookOutcome } from './types.ts';

/** The event that puts what hooks add into the history, for good; none where they add nothing. */
export function contextEvents(run: RunState, name: HookEvent, { context }: HookOutcome): EventDraft[] {
  if (context.length === 0) return [];
  return [
    event('hook_context', run, {
      hook_event: name,
      message_id: newId('msg'),
      context: context.map(({ text, source }) => `[${name} hook ${source}]\n${text}`).join('\n\n'),
    }),
  ];
}

/** The event that ends the run with `hook_blocked` once its calls have their results; none where nothing blocked. */
export function stopEvents(
  run: RunState,
  name: HookEvent,
  { blocked }: HookOutcome,
  call: { tool_call?: EventToolCall } = {},
): EventDraft[] {
  if (blocked === undefined) return [];
  const { message, hook } = blocked;
  return [event('hook_blocked', run, { ...call, message, hook_event: name, hook: hook.source, stops: true })];
}

type EventToolCall = { id: string; type: 'function'; function: { name: string; arguments: string } };
