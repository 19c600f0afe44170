import { z } from 'zod';
import { YonderError } from '../../protocol/errors.ts';
import type { WrittenFile } from '../../protocol/workspace.ts';
import { defineTool } from '../define-tool.ts';
import type { Tool, ToolContext } from '../tool.ts';
import { applyEdits, areApplied, type Edit } from './apply-edits.ts';
import { difference } from './difference.ts';
import { exactText, isBinary } from './file-kind.ts';
import { changedMeanwhile, FOLLOWED_BYTES, remember } from './known-content.ts';
import { withNearNames } from './near-names.ts';

type EditContext = Pick<ToolContext, 'workspace' | 'signal'>;

export function editFile(): Tool {
  return defineTool(
    { toolset: 'filesystem', name: 'edit_file' },
    {
      title: 'Edit a file',
      description:
        'Replaces pieces of a text file. Each oldText must be in the file exactly once, blanks and line ends included. Either all edits are made or none.',
      input: z.strictObject({
        path: z.string().describe('The file'),
        edits: z
          .array(
            z.strictObject({
              oldText: z.string().describe('Text to replace, as it stands in the file'),
              newText: z.string().describe('Text to put there'),
            }),
          )
          .min(1)
          .describe('Made one after the other'),
      }),
      access: ({ path }) => ({ paths: [{ path, use: 'write' }] }),
      async preview({ path, edits }, context) {
        const { before, after } = await edited(path, edits, context);
        return difference(path, before, after);
      },
      async execute({ path, edits }, context) {
        const { before, after, digest } = await edited(path, edits, context);
        const written = await replace(path, after, digest, context);
        remember(context, written.path, written.digest);
        return { output: `Edited ${path}:\n${await difference(path, before, after)}` };
      },
      async recover({ path, edits }, context) {
        const found = await textOf(path, context);
        if (found === undefined || !areApplied(path, found.text, edits)) return undefined;
        remember(context, found.path, found.digest);
        return { output: `${path} has the new texts and no longer the old ones: the edit is made.` };
      },
    },
  );
}

/** What an interrupted edit may have left; undefined where no edit can have been made. */
async function textOf(path: string, context: EditContext) {
  try {
    return await readText(path, context);
  } catch (error) {
    if (!(error instanceof YonderError) || !NO_TEXT.has(error.code)) throw error;
    return undefined;
  }
}

const NO_TEXT = new Set(['not_found', 'invalid_request', 'payload_too_large']);

async function edited(path: string, edits: readonly Edit[], context: EditContext) {
  const { text: before, digest } = await readText(path, context);
  return { before, after: applyEdits(path, before, edits), digest };
}

async function readText(path: string, { workspace, signal }: EditContext) {
  const {
    bytes,
    digest,
    path: resolved,
  } = await withNearNames(workspace, path, async () => {
    const { size } = await workspace.stat(path, { signal });
    if (size > FOLLOWED_BYTES) {
      throw new YonderError(
        'payload_too_large',
        `${path} has ${size} bytes; edit_file takes at most ${FOLLOWED_BYTES}`,
      );
    }
    return workspace.readFile(path, { digest: true, signal });
  });
  const text = isBinary(bytes) ? undefined : exactText(bytes);
  if (text === undefined) {
    throw new YonderError('invalid_request', `${path} is not UTF-8 text, so an edit would damage it`);
  }
  if (digest === undefined) throw new YonderError('internal', `the runner gave no digest of ${path}`);
  return { text, digest, path: resolved };
}

/** R38: replaced only while it is what the edits were made in. */
async function replace(
  path: string,
  text: string,
  digest: string,
  { workspace, signal }: EditContext,
): Promise<WrittenFile> {
  try {
    return await workspace.writeFile(path, new TextEncoder().encode(text), { if_match: digest, signal });
  } catch (error) {
    if (!(error instanceof YonderError) || error.code !== 'conflict') throw error;
    throw changedMeanwhile(
      path,
      'something else changed it meanwhile; read it again and repeat the edit',
      error,
    );
  }
}
