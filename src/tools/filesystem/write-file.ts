import { z } from 'zod';
import { YonderError } from '../../protocol/errors.ts';
import type { WrittenFile } from '../../protocol/workspace.ts';
import { defineTool } from '../define-tool.ts';
import type { Tool, ToolContext } from '../tool.ts';
import { difference } from './difference.ts';
import { exactText, isBinary } from './file-kind.ts';
import { changedMeanwhile, digestOf, expected, remember } from './known-content.ts';

const COMPARED_BYTES = 1024 * 1024;

export function writeFileTool(): Tool {
  return defineTool(
    { toolset: 'filesystem', name: 'write_file' },
    {
      title: 'Write a file',
      description:
        'Makes a file, or replaces all of its content. Missing folders are made. To change a part use edit_file.',
      input: z.strictObject({
        path: z.string().describe('The file'),
        content: z.string().describe('The whole content'),
      }),
      access: ({ path }) => ({ paths: [{ path, use: 'write' }] }),
      async preview({ path, content }, context) {
        const before = await existing(path, context);
        if (typeof before === 'string') return difference(path, before, content);
        return `${path} has ${before.size} bytes that are no text or too many to show; ${content.length} characters take their place.`;
      },
      async execute({ path, content }, context) {
        const bytes = new TextEncoder().encode(content);
        const { created } = await write(path, bytes, context);
        return { output: `${created ? 'Made' : 'Replaced'} ${path} (${bytes.length} bytes).` };
      },
      async recover({ path, content }, context) {
        const before = await existing(path, context);
        if (before !== content || content === '') return undefined;
        const { path: resolved } = await context.workspace.resolve(path, 'write');
        remember(context, resolved, digestOf(new TextEncoder().encode(content)));
        return { output: `${path} has exactly this content: the call that was cut off has written it.` };
      },
    },
  );
}

/**
 * R38: a file that this conversation has read or written is replaced only while it is what it was then; one that it never looked at is
 * replaced as it is, for nothing in the content follows from it.
 */
async function write(path: string, bytes: Uint8Array, context: ToolContext): Promise<WrittenFile> {
  const { workspace, signal } = context;
  const if_match = await expected(path, context);
  try {
    const options = { parents: true, signal, ...(if_match === undefined ? {} : { if_match }) };
    const written = await workspace.writeFile(path, bytes, options);
    remember(context, written.path, written.digest);
    return written;
  } catch (error) {
    if (!(error instanceof YonderError) || error.code !== 'conflict') throw error;
    const what =
      'somebody else, or a command, has changed it since you read or wrote it; read it again, then write';
    throw changedMeanwhile(path, what, error);
  }
}

/** The text that is there, empty where there is no file; its size alone where it cannot be compared. */
async function existing(
  path: string,
  { workspace, signal }: Pick<ToolContext, 'workspace' | 'signal'>,
): Promise<string | { size: number }> {
  try {
    const { bytes, size } = await workspace.readFile(path, { length: COMPARED_BYTES, signal });
    const text = size > COMPARED_BYTES || isBinary(bytes) ? undefined : exactText(bytes);
    return text ?? { size };
  } catch (error) {
    if (error instanceof YonderError && error.code === 'not_found') return '';
    throw error;
  }
}
