import { z } from 'zod';
import type { Prompt, Tool as ServerTool } from '@modelcontextprotocol/client';
import type { McpConnection } from './connection.ts';

/** Tools and prompts of one server that are remembered. */
const MOST_LISTED = 2_000;
/** Characters of a description. */
const LONGEST_TEXT = 16 * 1024;

const toolSchema = z.object({
  name: z.string(),
  title: z.string().optional(),
  description: z.string().optional(),
  inputSchema: z.unknown(),
  annotations: z.record(z.string(), z.unknown()).optional(),
});

const promptSchema = z.object({
  name: z.string(),
  description: z.string().optional(),
  arguments: z.array(
    z.object({
      name: z.string(),
      description: z.string().optional(),
      required: z.boolean().optional(),
    }),
  ),
});

/** What a server offers, as it is kept between its starts. */
export const listingSchema = z.object({
  server: z.string(),
  instructions: z.string().optional(),
  tools: z.array(toolSchema),
  prompts: z.array(promptSchema),
  /** It has at least one resource, or a template of some. */
  resources: z.boolean(),
  /** How many tools and prompts were left out. */
  left_out: z.number(),
});
export type McpListing = z.infer<typeof listingSchema>;
export type ListedTool = McpListing['tools'][number];
export type ListedPrompt = McpListing['prompts'][number];

/** Asks a server for everything that it offers. */
export async function listAll(connection: McpConnection, signal: AbortSignal): Promise<McpListing> {
  const [tools, prompts, resources] = await Promise.all([
    connection.tools(signal),
    connection.prompts(signal),
    connection.resources(signal),
  ]);
  return {
    server: connection.name,
    ...(connection.instructions === undefined ? {} : { instructions: cut(connection.instructions) }),
    tools: tools.slice(0, MOST_LISTED).map(listedTool),
    prompts: prompts.slice(0, MOST_LISTED).map(listedPrompt),
    resources: resources.resources.length + resources.templates.length > 0,
    left_out: Math.max(0, tools.length - MOST_LISTED) + Math.max(0, prompts.length - MOST_LISTED),
  };
}

function listedTool({ name, title, description, inputSchema, annotations }: ServerTool): ListedTool {
  return {
    name,
    inputSchema,
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description: cut(description) }),
    ...(annotations === undefined ? {} : { annotations: { ...annotations } }),
  };
}

function listedPrompt({ name, description, arguments: args = [] }: Prompt): ListedPrompt {
  return {
    name,
    ...(description === undefined ? {} : { description: cut(description) }),
    arguments: args.map((argument) => ({
      name: argument.name,
      ...(argument.description === undefined ? {} : { description: argument.description }),
      ...(argument.required === undefined ? {} : { required: argument.required }),
    })),
  };
}

function cut(text: string): string {
  return text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT)} (cut)`;
}
