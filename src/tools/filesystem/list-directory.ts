import { z } from 'zod';
import type { FileType } from '../../protocol/workspace.ts';
import { defineTool } from '../define-tool.ts';
import type { Tool } from '../tool.ts';
import { withNearNames } from './near-names.ts';

export const LISTED = 100;

const WORDS: Record<FileType, string> = {
  file: 'FILE ',
  directory: 'DIR  ',
  symlink: 'LINK ',
  other: 'OTHER ',
};

export function listDirectory(): Tool {
  return defineTool(
    { toolset: 'filesystem', name: 'list_directory' },
    {
      title: 'List a folder',
      description: `Gives the names in a folder, one a line, as "FILE name" or "DIR  name"; at most ${LISTED}.`,
      input: z.strictObject({ path: z.string().describe('The folder; "." is the workspace') }),
      access: ({ path }) => ({ paths: [{ path, use: 'read' }] }),
      async execute({ path }, { workspace, signal }) {
        const { entries, truncated } = await withNearNames(workspace, path, () =>
          workspace.list(path, { signal }),
        );
        if (entries.length === 0) return { output: `${path} is empty.` };
        const lines = entries.slice(0, LISTED).map(({ name, type }) => `${WORDS[type]}${shown(name)}`);
        const left = entries.length - lines.length;
        if (left > 0) lines.push(`[${truncated ? 'more than ' : ''}${left} more are not shown]`);
        return { output: lines.join('\n') };
      },
    },
  );
}

/** A name with a control character in it would forge a line of its own. */
export function shown(name: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return /[\u0000-\u001f\u007f]/.test(name) ? JSON.stringify(name) : name;
}
