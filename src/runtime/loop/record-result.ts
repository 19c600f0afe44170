import type { ToolResult } from '../../tools/tool.ts';
import type { CallState } from '../fold/call-state.ts';
import type { RunState } from '../fold/run-state.ts';
import { event, type LoopContext } from './context.ts';

export type Outcome =
  | 'done'
  | 'refused'
  | 'rejected'
  | 'denied'
  | 'cancelled'
  | 'not_started'
  | 'unknown'
  | 'invalid';

/** Records what became of a call, with what happened right before it and what its tool keeps. */
export async function respond(
  context: LoopContext,
  run: RunState,
  call: CallState,
  outcome: Outcome,
  result: ToolResult,
  before: Parameters<LoopContext['log']['append']>[0]['events'] = [],
  extra: {
    /** What the tool wrote into its state. */
    written?: { toolset: string; shared: boolean; values: Record<string, unknown> };
    duration_ms?: number;
    /** The agent that the session goes on with. */
    agent_name?: string | undefined;
  } = {},
): Promise<void> {
  const { written } = extra;
  const state =
    written === undefined || Object.keys(written.values).length === 0
      ? {}
      : { [written.shared ? 'shared_state' : 'state']: { [written.toolset]: written.values } };
  await context.log.append({
    step_id: `${run.run_id}/${run.turn}/result/${call.index}`,
    ...(extra.agent_name === undefined ? {} : { session: { agent_name: extra.agent_name } }),
    events: [
      ...before,
      event('tool_call_response', run, {
        tool_call_id: call.call.id,
        tool_definition: { name: call.call.function.name },
        response: result.output,
        index: call.index,
        outcome,
        ...(extra.duration_ms === undefined ? {} : { duration_ms: extra.duration_ms }),
        ...state,
        result: {
          output: result.output,
          ...(result.is_error === true ? { isError: true } : {}),
          ...(result.parts === undefined ? {} : { images: [...result.parts] }),
        },
      }),
    ],
  });
}
