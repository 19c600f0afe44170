import { z } from 'zod';
import { YonderError } from '../../protocol/errors.ts';
import { defineTool } from '../define-tool.ts';
import type { Tool, ToolContext } from '../tool.ts';
import { difference } from './difference.ts';
import { exactText, isBinary } from './file-kind.ts';

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
      async execute({ path, content }, { workspace, signal }) {
        const bytes = new TextEncoder().encode(content);
        const { created } = await workspace.writeFile(path, bytes, { parents: true, signal });
        return { output: `${created ? 'Made' : 'Replaced'} ${path} (${bytes.length} bytes).` };
      },
      async recover({ path, content }, context) {
        const before = await existing(path, context);
        if (before !== content || content === '') return undefined;
        return { output: `${path} has exactly this content: the call that was cut off has written it.` };
      },
    },
  );
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
