import { z } from 'zod';
import { defineTool } from '../define-tool.ts';
import { failure } from '../run-tool.ts';
import type { Tool, ToolContext } from '../tool.ts';
import type { ContentPart } from '../../protocol/message.ts';
import { readOne } from './read-file.ts';

const FILES = 50;
/** Bytes of all files together; each file has the limits of read_file besides. */
const TOTAL = 256 * 1024;

interface Reading {
  path: string;
  content?: string;
  error?: string;
}

export function readMultipleFiles(): Tool {
  return defineTool(
    { toolset: 'filesystem', name: 'read_multiple_files' },
    {
      title: 'Read several files',
      description:
        'Gives the text of several files, each as read_file would; one that cannot be read does not stop the others.',
      input: z.strictObject({
        paths: z.array(z.string()).min(1).max(FILES).describe('The files'),
        json: z.boolean().describe('Answer as a JSON list of {path, content or error}').optional(),
      }),
      access: ({ paths }) => ({ paths: paths.map((path) => ({ path, use: 'read' })) }),
      async execute({ paths, json }, context) {
        const { readings, parts } = await readAll(paths, context);
        const failed = readings.every(({ error }) => error !== undefined);
        const output = json === true ? JSON.stringify(readings) : readings.map(asText).join('\n\n');
        return { output, ...(failed ? { is_error: true } : {}), ...(parts.length === 0 ? {} : { parts }) };
      },
    },
  );
}

async function readAll(paths: readonly string[], context: ToolContext) {
  const readings: Reading[] = [];
  const parts: ContentPart[] = [];
  let left = TOTAL;
  for (const path of paths) {
    if (left <= 0) {
      readings.push({ path, error: `not read: the files before it fill the ${TOTAL} bytes of one call` });
      continue;
    }
    try {
      const result = await readOne({ path }, context);
      parts.push(...(result.parts ?? []));
      readings.push({ path, content: result.output });
      left -= Buffer.byteLength(result.output);
    } catch (error) {
      context.signal.throwIfAborted();
      readings.push({ path, error: failure(error).output });
    }
  }
  return { readings, parts };
}

function asText({ path, content, error }: Reading): string {
  return `=== ${path} ===\n${content ?? error ?? ''}`;
}
