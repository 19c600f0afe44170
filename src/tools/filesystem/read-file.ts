import { posix } from 'node:path';
import { z } from 'zod';
import { YonderError } from '../../protocol/errors.ts';
import { defineTool } from '../define-tool.ts';
import type { Tool, ToolContext, ToolResult } from '../tool.ts';
import { exactText, IMAGE_LIMIT, imageType, isBinary, readableText } from './file-kind.ts';
import { remember } from './known-content.ts';
import { withNearNames } from './near-names.ts';
import { readLines, readStart, type ReadLines } from './read-lines.ts';

export const READ_LINES = 2000;
export const READ_BYTES = 64 * 1024;

type ReadContext = Pick<ToolContext, 'workspace' | 'signal' | 'saveBlob' | 'state'>;
interface Wanted {
  path: string;
  offset?: number | undefined;
  limit?: number | undefined;
}

export function readFileTool(): Tool {
  return defineTool(
    { toolset: 'filesystem', name: 'read_file' },
    {
      title: 'Read a file',
      description: `Gives the text of a file, at most ${READ_LINES} lines or 64 KiB a call, and says how to go on. PNG, JPEG, GIF and WebP files are shown as images.`,
      input: z.strictObject({
        path: z.string().describe('The file'),
        offset: z.int().min(1).describe('First line to give, from 1').optional(),
        limit: z.int().min(1).describe(`Lines to give, at most ${READ_LINES}`).optional(),
      }),
      access: ({ path }) => ({ paths: [{ path, use: 'read' }] }),
      execute: (args, context) => readOne(args, context),
    },
  );
}

/** One file as the model gets it. Throws a YonderError for what cannot be read. */
export async function readOne(wanted: Wanted, context: ReadContext): Promise<ToolResult> {
  const { workspace, signal } = context;
  const { path, offset = 1 } = wanted;
  const {
    bytes: start,
    size,
    ...file
  } = await withNearNames(workspace, path, () => readStart(workspace, path, signal));
  // Also where it turns out to be no text: that is known then, and may be replaced.
  remember(context, file.path, file.digest);
  const media = imageType(start);
  if (media !== undefined) return readImage(path, media, size, context);
  if (isBinary(start)) {
    throw new YonderError(
      'invalid_request',
      `${path} is binary (${size} bytes), not text; where there is a shell, use a program that understands it`,
    );
  }
  if (start.length === 0 && offset === 1) return { output: `${path} is empty.` };
  const limit = Math.min(wanted.limit ?? READ_LINES, READ_LINES);
  const range = { first: offset, max_lines: limit, max_bytes: READ_BYTES };
  const lines = await readLines(workspace, path, range, start, signal);
  if (lines.count === 0) {
    throw new YonderError(
      'invalid_request',
      `${path} has ${lines.total ?? 0} lines; offset ${offset} is past its end`,
    );
  }
  return { output: withNotes(readableText(lines.bytes), notesFor(lines, offset)) };
}

async function readImage(
  path: string,
  media: string,
  size: number,
  { workspace, signal, saveBlob }: ReadContext,
): Promise<ToolResult> {
  if (size > IMAGE_LIMIT) {
    throw new YonderError(
      'payload_too_large',
      `${path} is an image of ${size} bytes; at most ${IMAGE_LIMIT} can be shown: make a smaller one`,
    );
  }
  const { bytes } = await workspace.readFile(path, { signal });
  const part = await saveBlob(bytes, media, posix.basename(path));
  return { output: `${path} is an image (${media}, ${bytes.length} bytes).`, parts: [part] };
}

function notesFor(lines: ReadLines, first: number): string[] {
  const notes: string[] = [];
  const last = first + lines.count - 1;
  if (lines.cut) {
    notes.push(
      `Line ${first} is longer than ${READ_BYTES} bytes; this is its beginning. The next line is at offset ${last + 1}.`,
    );
  } else if (lines.more) {
    notes.push(`Lines ${first} to ${last}; the file goes on: read further with offset ${last + 1}.`);
  }
  // A cut may fall into a character, which is no fault of the file.
  if (!lines.cut && exactText(lines.bytes) === undefined) {
    notes.push('The file is not valid UTF-8; what could not be read is shown as \uFFFD.');
  }
  return notes;
}

function withNotes(text: string, notes: readonly string[]): string {
  if (notes.length === 0) return text;
  return `${text}${text.endsWith('\n') ? '' : '\n'}${notes.map((note) => `[${note}]`).join('\n')}`;
}
