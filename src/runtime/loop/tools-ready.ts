import { toYonderError } from '../../protocol/errors.ts';
import type { Tool } from '../../tools/tool.ts';
import type { RunState } from '../fold/run-state.ts';
import { agentOf, type LoopContext } from './context.ts';
import { fail } from './report.ts';

/** Makes the tools of the run's agent known; false where the run can go no further: it has failed, or is cut. */
export async function toolsReady(context: LoopContext, run: RunState, signal: AbortSignal): Promise<boolean> {
  try {
    await context.ready(run, signal);
  } catch (thrown) {
    if (!signal.aborted) await fail(context, run, toYonderError(thrown, 'tool_failed'));
    return false;
  }
  return !signal.aborted;
}

/** The tools that a call may be of: those that the agent's model is offered, and those that its toolsets call themselves. */
export function callableTools(context: LoopContext, run: RunState): Tool[] {
  return context.toolsets(agentOf(context, run)).flatMap(({ tools, hidden = [] }) => [...tools, ...hidden]);
}
