import { canonicalJson } from '../protocol/canonical-json.ts';
import type { ToolDefinition } from '../protocol/message.ts';

/** `sha256:` and 64 hexadecimal digits over what a person trusted of a tool: name, description, schema, annotations (R16). */
export async function definitionDigest(definition: ToolDefinition): Promise<string> {
  const { name, description, parameters, annotations } = definition;
  const text = canonicalJson({ name, description, parameters, annotations });
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return `sha256:${Buffer.from(digest).toString('hex')}`;
}
