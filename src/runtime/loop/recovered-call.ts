import { toYonderError } from '../../protocol/errors.ts';
import type { Tool, ToolContext, ToolResult } from '../../tools/tool.ts';
import type { Outcome } from './record-result.ts';

/** A started call without a result (R3, R19): run again, resumed, asked for at the runner, or said to be unknown. */
export async function recovered(
  tool: Tool,
  args: Record<string, unknown>,
  context: ToolContext,
): Promise<{ outcome: Outcome; result: ToolResult }> {
  if (tool.recovery !== 'unknown')
    return { outcome: 'done', result: await attempt(() => tool.execute(args, context)) };
  try {
    const result = await tool.recover?.(args, context);
    return result === undefined ? { outcome: 'unknown', result: UNKNOWN } : { outcome: 'done', result };
  } catch (thrown) {
    const output = `${UNKNOWN.output} Looking for it failed: ${toYonderError(thrown, 'tool_failed').message}`;
    return { outcome: 'unknown', result: { ...UNKNOWN, output } };
  }
}

const UNKNOWN: ToolResult = {
  output:
    'This call was started, and then the process that ran it was cut off. Whether it took effect is not known: check before you repeat it.',
  is_error: true,
};

/** A tool that throws has failed, and the model is told. */
export async function attempt(run: () => Promise<ToolResult>): Promise<ToolResult> {
  try {
    return await run();
  } catch (thrown) {
    return { output: `The tool failed: ${toYonderError(thrown, 'tool_failed').message}`, is_error: true };
  }
}
