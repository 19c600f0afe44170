import type { RunState } from '../fold/run-state.ts';
import { agentOf, conversationOf, type LoopContext } from '../loop/context.ts';
import { afterCall } from './tool-results.ts';

/**
 * Has the `post_tool_use` hooks hear of calls whose results were recorded by a process that is gone before it came to them. What the log says that
 * they heard is not said again.
 */
export async function afterRestart(context: LoopContext, run: RunState, signal: AbortSignal): Promise<void> {
  for (const call of run.calls.values()) {
    if (!call.done || !call.started) continue;
    const { id } = call.call;
    const tool = context
      .toolsets(agentOf(context, run))
      .flatMap((toolset) => toolset.tools)
      .find(({ definition }) => definition.name === call.call.function.name);
    const parsed = tool?.parse(call.rewritten ?? call.call.function.arguments);
    const result = conversationOf(context, run).messages.findLast(({ tool_call_id }) => tool_call_id === id);
    if (tool === undefined || parsed?.ok !== true || result === undefined) continue;
    const is_error = result.is_error === true;
    await afterCall(
      { context, run, call, tool, args: parsed.args, signal },
      { output: result.content, is_error },
    );
  }
}
