import { sha256 } from '../../process/digest.ts';
import type { Tool, ToolResult } from '../../tools/tool.ts';
import type { CallState } from '../fold/call-state.ts';
import type { RunState } from '../fold/run-state.ts';
import type { LoopContext } from '../loop/context.ts';
import { contextEvents, stopEvents } from './add-context.ts';
import { callInput } from './guard-call.ts';
import { hooksFor, runHook, runHooks } from './run-hooks.ts';
import { unlessAborted } from './unless-aborted.ts';

type Args = Record<string, unknown>;

export interface Called {
  context: LoopContext;
  run: RunState;
  call: CallState;
  tool: Tool;
  args: Args;
  signal: AbortSignal;
}

/** Whether a hook looks at the result of such a call before anybody sees it. */
export function isScreened({ context, run, tool }: Pick<Called, 'context' | 'run' | 'tool'>): boolean {
  return hooksFor(context, run, 'tool_response_transform', tool.definition.name).length > 0;
}

/**
 * The result as the model gets it: each `tool_response_transform` hook of the chain may exchange what the one before it left. Undefined where it was
 * cut short: what was not looked at goes nowhere.
 */
export async function screened(called: Called, result: ToolResult): Promise<ToolResult | undefined> {
  const { context, run, call, tool, args, signal } = called;
  const hooks = hooksFor(context, run, 'tool_response_transform', tool.definition.name);
  if (hooks.length === 0) return result;
  return unlessAborted(signal, async () => {
    let current = result;
    for (const hook of hooks) {
      const { output, blocked } = await runHook(context, run, hook, {
        event: 'tool_response_transform',
        // A tool that is run again after a crash may answer something else.
        subject: `${call.call.id}/${sha256(current.output).slice(0, 16)}`,
        input: { ...callInput(call, tool, args), ...responseInput(current) },
        tool_call_id: call.call.id,
        signal,
      });
      if (blocked !== undefined)
        return { output: `The hook ${hook.source} withheld this result: ${blocked}`, is_error: true };
      const updated = output.hook_specific_output?.updated_tool_response;
      if (updated === undefined) continue;
      const { parts, ...rest } = current;
      // Who clears a result clears its pictures too.
      current = { ...rest, output: updated, ...(updated === '' || parts === undefined ? {} : { parts }) };
    }
    return current;
  });
}

/** The `post_tool_use` hooks of a call whose result is recorded: context for the model, or the end of the run after this batch. */
export async function afterCall(called: Called, result: ToolResult): Promise<void> {
  const { context, run, call, tool, args, signal } = called;
  if (signal.aborted) return;
  const outcome = await unlessAborted(signal, () =>
    runHooks(context, run, {
      event: 'post_tool_use',
      subject: call.call.id,
      input: { ...callInput(call, tool, args), ...responseInput(result) },
      tool: tool.definition.name,
      tool_call_id: call.call.id,
      signal,
    }),
  );
  if (outcome === undefined) return;
  const events = [
    ...contextEvents(run, 'post_tool_use', outcome),
    ...stopEvents(run, 'post_tool_use', outcome, { tool_call: call.call }),
  ];
  if (events.length > 0) await context.log.append({ step_id: `${run.run_id}/post/${call.call.id}`, events });
}

function responseInput({ output, is_error }: ToolResult): Record<string, unknown> {
  return { tool_response: output, tool_error: is_error === true };
}
