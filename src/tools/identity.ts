import type { Tool } from './tool.ts';

/** A tool as rules and records name it: `toolset/tool`, by its own name (R16). */
export function identityOf({
  toolset,
  own_name,
  definition,
}: Pick<Tool, 'toolset' | 'own_name' | 'definition'>): string {
  return `${toolset}/${own_name ?? definition.name}`;
}
