import type { z } from 'zod';
import { YonderError } from '../protocol/errors.ts';
import { parametersOfTool, sharedInput } from './parameters.ts';
import { parseArguments } from './parse-arguments.ts';
import { traitsOf, type ToolPlace } from './tool-table.ts';
import type { Tool, ToolAccess, ToolContext, ToolResult } from './tool.ts';

type PreviewContext = Pick<ToolContext, 'workspace' | 'signal'>;

/** A tool in terms of its own argument type. */
export interface ToolParts<Schema extends z.ZodObject> extends Pick<
  Tool,
  'shared' | 'leavesCommand' | 'needsWorkspace'
> {
  title: string;
  description: string;
  input: Schema;
  /** Absent: it touches nothing. */
  access?(args: z.infer<Schema>): ToolAccess;
  preview?(args: z.infer<Schema>, context: PreviewContext): Promise<string | undefined>;
  execute(args: z.infer<Schema>, context: ToolContext): Promise<ToolResult>;
  recover?(args: z.infer<Schema>, context: ToolContext): Promise<ToolResult | undefined>;
}

/** Joins a tool's parts with its line in the tool table. Arguments are checked at each door: a hook may have rewritten them. */
export function defineTool<Schema extends z.ZodObject>(place: ToolPlace, parts: ToolParts<Schema>): Tool {
  const { toolset, name } = place;
  const traits = traitsOf(place);
  const { preview, recover } = parts;
  const input = sharedInput(place, parts.input);
  const check = (args: Record<string, unknown>): z.infer<Schema> => {
    const parsed = input.safeParse(args);
    if (parsed.success) return parsed.data;
    throw new YonderError('invalid_request', `the arguments of ${name} do not fit: ${parsed.error.message}`, {
      cause: parsed.error,
    });
  };
  return {
    toolset,
    ...traits,
    shared: parts.shared,
    leavesCommand: parts.leavesCommand,
    needsWorkspace: parts.needsWorkspace,
    definition: {
      name,
      category: toolset,
      description: parts.description,
      parameters: parametersOfTool(place, input),
      annotations: { title: parts.title, readOnlyHint: traits.effect === 'none' },
    },
    parse: (text) => parseArguments(name, input, text),
    access: (args) => parts.access?.(check(args)) ?? { paths: [] },
    execute: async (args, context) => parts.execute(check(args), context),
    ...(preview === undefined ? {} : { preview: async (args, context) => preview(check(args), context) }),
    ...(recover === undefined ? {} : { recover: async (args, context) => recover(check(args), context) }),
  };
}
