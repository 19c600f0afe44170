import type { ToolContext, ToolResult } from '../tool.ts';
import type { McpConnection } from './connection.ts';
import { bounded, contentOf } from './result.ts';

/** The resources of a server and its templates, one a line. */
export async function listResources(connection: McpConnection, signal: AbortSignal): Promise<ToolResult> {
  const { resources, templates } = await connection.resources(signal);
  const lines = [
    ...resources.map(({ uri, name, description, mimeType }) => lineOf(uri, name, description, mimeType)),
    ...templates.map(({ uriTemplate, name, description, mimeType }) =>
      lineOf(uriTemplate, name, description, mimeType),
    ),
  ];
  return { output: lines.length === 0 ? '(no resources)' : bounded(lines.join('\n')) };
}

function lineOf(uri: string, name: string, description?: string, media_type?: string): string {
  const about = [name, media_type, description].filter((text) => text !== undefined && text !== '');
  return `${uri} - ${about.join(', ')}`;
}

/** One resource; it may have several contents. */
export async function readResource(
  connection: McpConnection,
  uri: string,
  context: ToolContext,
  signal: AbortSignal,
): Promise<ToolResult> {
  const { contents } = await connection.read(uri, signal);
  const { texts, parts } = await contentOf(
    contents.map((resource) => ({ type: 'resource', resource })),
    context,
  );
  const output = texts.length === 0 ? `(${parts.length} attached)` : bounded(texts.join('\n'));
  return { output, ...(parts.length === 0 ? {} : { parts }) };
}
