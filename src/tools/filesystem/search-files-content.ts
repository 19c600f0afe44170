import { z } from 'zod';
import type { SearchMatch, Workspace } from '../../protocol/workspace.ts';
import { defineTool } from '../define-tool.ts';
import type { Tool } from '../tool.ts';
import { shown } from './list-directory.ts';
import { withNearNames } from './near-names.ts';

export const MATCHES = 100;
const PREVIEW = 200;

export function searchFilesContent(ignoreVcs: boolean): Tool {
  const leftOut = ignoreVcs ? ' What git ignores is left out.' : '';
  return defineTool(
    { toolset: 'filesystem', name: 'search_files_content' },
    {
      title: 'Search in files',
      description: `Finds lines with a text in a folder or file; gives "path:line:column: line", at most ${MATCHES}.${leftOut}`,
      input: z.strictObject({
        path: z.string().describe('Folder or file to search; "." is the workspace'),
        query: z.string().min(1).describe('What to look for'),
        is_regex: z.boolean().describe('The query is a regular expression').optional(),
        excludePatterns: z
          .array(z.string())
          .describe('Paths to leave out, in the syntax of .gitignore')
          .optional(),
      }),
      access: ({ path }) => ({ paths: [{ path, use: 'read' }] }),
      async execute({ path, query, is_regex, excludePatterns }, { workspace, signal }) {
        const { matches, truncated } = await withNearNames(workspace, path, () =>
          workspace.search(
            {
              path,
              query,
              is_regex: is_regex === true,
              exclude: excludePatterns ?? [],
              gitignore: ignoreVcs,
              limit: MATCHES,
            },
            { signal },
          ),
        );
        if (matches.length === 0) return { output: `Nothing in ${path} matches.` };
        const lines = matches.map((match) => lineFor(workspace, match));
        if (truncated)
          lines.push(`[only the first ${MATCHES} matches are shown; narrow the search to see more]`);
        return { output: lines.join('\n') };
      },
    },
  );
}

function lineFor(workspace: Workspace, { path, line, column, text }: SearchMatch): string {
  const below = `${workspace.root}/`;
  const name = path.startsWith(below) ? path.slice(below.length) : path;
  const preview = text.length > PREVIEW ? `${text.slice(0, PREVIEW)}…` : text;
  return `${shown(name)}:${line}:${column}: ${preview}`;
}
