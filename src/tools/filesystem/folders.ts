import { z } from 'zod';
import { YonderError } from '../../protocol/errors.ts';
import { defineTool } from '../define-tool.ts';
import { failure } from '../run-tool.ts';
import type { Tool, ToolContext, ToolResult } from '../tool.ts';

const paths = z.array(z.string()).min(1).max(100).describe('The folders');

export function createDirectory(): Tool {
  return defineTool(
    { toolset: 'filesystem', name: 'create_directory' },
    {
      title: 'Make folders',
      description: 'Makes folders, and those above them where they are missing.',
      input: z.strictObject({ paths }),
      access: (args) => ({ paths: args.paths.map((path) => ({ path, use: 'write' })) }),
      execute: (args, context) =>
        forEach(args.paths, context, async (path) => {
          const { created } = await context.workspace.mkdir(path, { signal: context.signal });
          return created ? `Made ${path}.` : `${path} was there already.`;
        }),
      async recover(args, context) {
        const kinds = await Promise.all(args.paths.map((path) => kindOf(path, context)));
        if (kinds.some((kind) => kind !== 'directory')) return undefined;
        return { output: args.paths.map((path) => `${path} is there, and is a folder.`).join('\n') };
      },
    },
  );
}

export function removeDirectory(): Tool {
  return defineTool(
    { toolset: 'filesystem', name: 'remove_directory' },
    {
      title: 'Remove empty folders',
      description: 'Removes folders that are empty; of others nothing is removed.',
      input: z.strictObject({ paths }),
      access: (args) => ({ paths: args.paths.map((path) => ({ path, use: 'write' })) }),
      execute: (args, context) =>
        forEach(args.paths, context, async (path) => {
          await removeEmpty(path, context);
          return `Removed ${path}.`;
        }),
      async recover(args, context) {
        const kinds = await Promise.all(args.paths.map((path) => kindOf(path, context)));
        if (kinds.some((kind) => kind !== undefined)) return undefined;
        return { output: args.paths.map((path) => `${path} is not there any more.`).join('\n') };
      },
    },
  );
}

/** Undefined where there is nothing. */
async function kindOf(path: string, { workspace, signal }: ToolContext): Promise<string | undefined> {
  try {
    return (await workspace.stat(path, { signal })).type;
  } catch (error) {
    if (error instanceof YonderError && error.code === 'not_found') return undefined;
    throw error;
  }
}

async function removeEmpty(path: string, { workspace, signal }: ToolContext): Promise<void> {
  const { type } = await workspace.stat(path, { signal });
  if (type !== 'directory') {
    throw new YonderError('invalid_request', `${path} is not a folder; remove_directory removes only those`);
  }
  await workspace.remove(path, { signal });
}

/** One line for each path. A failure does not stop the others, and is plain in the result. */
async function forEach(
  wanted: readonly string[],
  { signal }: ToolContext,
  act: (path: string) => Promise<string>,
): Promise<ToolResult> {
  const lines: string[] = [];
  let failed = false;
  for (const path of wanted) {
    try {
      lines.push(await act(path));
    } catch (error) {
      signal.throwIfAborted();
      failed = true;
      lines.push(failure(error).output);
    }
  }
  return { output: lines.join('\n'), ...(failed ? { is_error: true } : {}) };
}
