import { YonderError } from '../protocol/errors.ts';
import { closest } from './closest.ts';
import type { Tool, ToolContext, ToolResult } from './tool.ts';

/** Parses and executes one call. Whatever happens, the model gets a result that it can act on. */
export async function runTool(tool: Tool, text: string, context: ToolContext): Promise<ToolResult> {
  const parsed = tool.parse(text);
  if (!parsed.ok) return { output: parsed.message, is_error: true };
  return settle(context.signal, () => tool.execute(parsed.args, context));
}

/** Runs what a tool does and turns a failure into a result. */
export async function settle(signal: AbortSignal, run: () => Promise<ToolResult>): Promise<ToolResult> {
  try {
    return await run();
  } catch (error) {
    if (signal.aborted) return { output: 'The call was cancelled before it ended.', is_error: true };
    return failure(error);
  }
}

/** The result of a failed call. Only the words of our own errors are sure to be meant for a reader. */
export function failure(error: unknown): ToolResult {
  const words =
    error instanceof YonderError ? `Error: ${error.message}` : `The tool failed: ${textOf(error)}`;
  return { output: words, is_error: true };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What the model gets for a call to a tool that it does not have. */
export function unknownToolResult(name: string, available: readonly string[]): ToolResult {
  const [near] = closest(name, available, 1);
  const hint = near === undefined ? '' : ` Did you mean ${near}?`;
  const names = available.length === 0 ? 'none' : available.join(', ');
  return { output: `There is no tool named ${name}.${hint} Available tools: ${names}.`, is_error: true };
}
