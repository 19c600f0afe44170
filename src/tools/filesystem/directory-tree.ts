import { posix } from 'node:path';
import { z } from 'zod';
import { YonderError } from '../../protocol/errors.ts';
import type { FileType, Workspace } from '../../protocol/workspace.ts';
import { defineTool } from '../define-tool.ts';
import type { Tool } from '../tool.ts';
import { Ignored } from './ignored.ts';
import { LISTED } from './list-directory.ts';
import { withNearNames } from './near-names.ts';

interface Node {
  name: string;
  type: FileType;
  children?: Node[];
  note?: string;
}

export function directoryTree(ignoreVcs: boolean): Tool {
  const leftOut = ignoreVcs ? ' What git ignores is left out.' : '';
  return defineTool(
    { toolset: 'filesystem', name: 'directory_tree' },
    {
      title: 'Show a folder tree',
      description: `Gives a folder and what is below it as JSON, upper levels first; at most ${LISTED} entries.${leftOut}`,
      input: z.strictObject({ path: z.string().describe('The folder; "." is the workspace') }),
      access: ({ path }) => ({ paths: [{ path, use: 'read' }] }),
      async execute({ path }, { workspace, signal }) {
        const ignored = ignoreVcs ? new Ignored(workspace, signal) : undefined;
        const tree = await withNearNames(workspace, path, () => grow(workspace, path, ignored, signal));
        return { output: JSON.stringify(tree, null, 1) };
      },
    },
  );
}

/** Level by level, so that one large folder does not take the room of its neighbours. */
async function grow(
  workspace: Workspace,
  path: string,
  ignored: Ignored | undefined,
  signal: AbortSignal,
): Promise<Node> {
  const root: Node = { name: path, type: 'directory', children: [] };
  const waiting: { node: Node; path: string }[] = [{ node: root, path }];
  let left = LISTED;
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const listing = await listInside(workspace, next, root, signal);
    for (const { name, type } of listing?.entries ?? []) {
      const folder = listing?.path ?? '';
      if (await ignored?.has(folder, name, type === 'directory')) continue;
      if (left === 0) {
        root.note = `only ${LISTED} entries are shown; ask for one of the folders to see more`;
        return root;
      }
      left -= 1;
      const node: Node = { name, type };
      next.node.children?.push(node);
      if (type !== 'directory') continue;
      node.children = [];
      waiting.push({ node, path: posix.join(folder, name) });
    }
  }
  return root;
}

/** A folder below that may not be read is said in its place, and the rest is shown all the same. */
async function listInside(
  workspace: Workspace,
  { node, path }: { node: Node; path: string },
  root: Node,
  signal: AbortSignal,
) {
  try {
    return await workspace.list(path, { signal });
  } catch (error) {
    if (node === root || !(error instanceof YonderError)) throw error;
    node.note = error.message;
    return undefined;
  }
}
