import { createHash } from 'node:crypto';
import { canonicalJson } from '../protocol/canonical-json.ts';
import type { ToolDefinition } from '../protocol/message.ts';

/** `sha256:` and 64 hexadecimal digits over what a person trusted of a tool: name, description, schema, annotations (R16). */
export function definitionDigest(definition: ToolDefinition): string {
  const { name, description, parameters, annotations } = definition;
  const text = canonicalJson({ name, description, parameters, annotations });
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}
