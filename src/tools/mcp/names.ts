import { createHash } from 'node:crypto';

/** Longest name of a tool that every model provider takes. */
const LONGEST = 64;

/** What tells the tools of one server from those of others: the toolset's `name`, else its command's base name, else its URL's host (R16). */
export function prefixOf(toolset: {
  name?: string | undefined;
  options: Readonly<Record<string, unknown>>;
}): string {
  const { command, remote } = toolset.options;
  if (toolset.name !== undefined && toolset.name !== '') return toolset.name;
  if (typeof command === 'string') return command.split(/[/\\]/).findLast((part) => part !== '') ?? 'mcp';
  const url =
    typeof remote === 'object' && remote !== null && 'url' in remote ? URL.parse(String(remote.url)) : null;
  return url?.hostname || 'mcp';
}

/** `<prefix>_<tool>` in the characters that providers take; one that is too long ends with a digest of the whole. */
export function offeredName(prefix: string, tool: string): string {
  const name = `${plain(prefix)}_${plain(tool)}`;
  if (name.length <= LONGEST) return name;
  const digest = createHash('sha256').update(`${prefix}/${tool}`).digest('hex').slice(0, 8);
  return `${name.slice(0, LONGEST - 9)}_${digest}`;
}

function plain(text: string): string {
  return text.replace(/[^A-Za-z0-9_-]/g, '_');
}
