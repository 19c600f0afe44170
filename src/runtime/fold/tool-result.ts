import type { EventOf } from '../../protocol/events/events.ts';
import type { Message } from '../../protocol/message.ts';
import { JOBS_TOOLSET } from '../../tools/shell/job-state.ts';
import type { CallResult } from './call-state.ts';
import type { ConversationState, LogState } from './state.ts';

/** The result as a message, and what its tool wants remembered; what that took the place of is kept for an undo. `apart`: the call is of a command that a person invoked, or of another tool. */
export function foldResult(
  state: LogState,
  held: ConversationState,
  event: EventOf<'tool_call_response'>,
  apart: boolean,
): void {
  // That of a command's call is a part of the message which comes next, that of a tool's call went to the tool.
  const at = held.messages.length;
  if (!apart) held.messages.push(toolMessage(event));
  keep(held.tool_state, event.state, (toolset, key, had, value) =>
    held.state_writes.push({ at, map: held.tool_state, toolset, key, had, value }),
  );
  keep(state.shared_state, event.shared_state, (toolset, key, had, value) => {
    // Jobs run on, whatever becomes of the messages that began them.
    if (toolset === JOBS_TOOLSET) return;
    held.state_writes.push({ at, map: state.shared_state, toolset, key, had, value });
  });
}

/** Writes values of toolsets, and tells what stood there before. */
export function keep(
  into: LogState['shared_state'],
  written: Record<string, unknown> | undefined,
  replaced?: (toolset: string, key: string, had: boolean, value: unknown) => void,
): void {
  for (const [toolset, values] of Object.entries(written ?? {})) {
    const map = into.get(toolset) ?? new Map<string, unknown>();
    into.set(toolset, map);
    for (const [key, value] of Object.entries(values as Record<string, unknown>)) {
      replaced?.(toolset, key, map.has(key), map.get(key));
      map.set(key, value);
    }
  }
}

/** The result as its caller gets it. */
export function givenBy({ response, result }: EventOf<'tool_call_response'>): CallResult {
  return {
    output: response,
    ...(result?.isError === true ? { is_error: true } : {}),
    ...(result?.images === undefined ? {} : { parts: result.images }),
  };
}

function toolMessage(event: EventOf<'tool_call_response'>): Message {
  const parts = event.result?.images;
  return {
    message_id: `result_${event.tool_call_id}`,
    role: 'tool',
    content: event.response,
    tool_call_id: event.tool_call_id,
    ...(parts === undefined ? {} : { parts }),
    ...(event.result?.isError === true ? { is_error: true } : {}),
    created_at: event.timestamp,
  };
}
