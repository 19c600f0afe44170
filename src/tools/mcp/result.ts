import type { CallToolResult, ContentBlock, GetPromptResult } from '@modelcontextprotocol/client';
import type { ContentPart } from '../../protocol/message.ts';
import { KeptOutput } from '../shell/kept-output.ts';
import type { ToolContext, ToolResult } from '../tool.ts';

/** Bytes of one image, recording or file, and how many of them one result may have. */
const LARGEST_PART = 10 * 1024 * 1024;
const MOST_PARTS = 20;

type Saver = Pick<ToolContext, 'saveBlob'>;

/** A server's result as the model gets it: texts joined and bounded, what is no text as blobs of the session. */
export async function toolResult(result: CallToolResult, context: Saver): Promise<ToolResult> {
  const { texts, parts } = await contentOf(result.content ?? [], context);
  const structured = structuredText(result.structuredContent, texts);
  if (structured !== undefined) texts.push(structured);
  if (texts.length === 0) texts.push(parts.length === 0 ? '(no output)' : `(${parts.length} attached)`);
  return {
    output: bounded(texts.join('\n')),
    ...(result.isError === true ? { is_error: true } : {}),
    ...(parts.length === 0 ? {} : { parts }),
  };
}

/** The blocks of a result or of a prompt. */
export async function contentOf(
  blocks: readonly ContentBlock[],
  context: Saver,
): Promise<{ texts: string[]; parts: ContentPart[] }> {
  const texts: string[] = [];
  const parts: ContentPart[] = [];
  const save = async (data: string, media_type: string, name?: string): Promise<void> => {
    const bytes = Buffer.from(data, 'base64');
    const what = `${name ?? media_type} of ${bytes.byteLength} bytes`;
    if (bytes.byteLength > LARGEST_PART) texts.push(`[${what} was left out: one may have ${LARGEST_PART}]`);
    else if (parts.length >= MOST_PARTS)
      texts.push(`[${what} was left out: a result may have ${MOST_PARTS}]`);
    else parts.push(await context.saveBlob(bytes, media_type, name));
  };
  for (const block of blocks) {
    switch (block.type) {
      case 'text':
        texts.push(block.text);
        break;
      case 'image':
      case 'audio':
        await save(block.data, block.mimeType);
        break;
      case 'resource':
        if ('text' in block.resource) texts.push(`[${block.resource.uri}]\n${block.resource.text}`);
        else
          await save(
            block.resource.blob,
            block.resource.mimeType ?? 'application/octet-stream',
            lastOf(block.resource.uri),
          );
        break;
      case 'resource_link':
        texts.push(
          `[resource ${block.uri}: ${block.name}${block.description === undefined ? '' : `, ${block.description}`}]`,
        );
        break;
      default:
        texts.push(`[content of the unknown type ${String((block as { type: unknown }).type)}]`);
    }
  }
  return { texts, parts };
}

/** The message that a prompt stands for; what it has the model say is marked as such. */
export async function promptText(
  { messages }: GetPromptResult,
  context: Saver,
): Promise<{ text: string; parts: ContentPart[] }> {
  const texts: string[] = [];
  const parts: ContentPart[] = [];
  for (const { role, content } of messages) {
    const read = await contentOf([content], context);
    const text = read.texts.join('\n');
    if (text !== '') texts.push(role === 'user' ? text : `[assistant]\n${text}`);
    parts.push(...read.parts);
  }
  return { text: bounded(texts.join('\n\n')), parts };
}

/** A server that gives structured content says the same as text mostly; the model need not read it twice. */
function structuredText(structured: unknown, texts: readonly string[]): string | undefined {
  if (structured === undefined) return undefined;
  const text = JSON.stringify(structured);
  return texts.some((said) => sameJson(said, text)) ? undefined : text;
}

function sameJson(said: string, text: string): boolean {
  try {
    return JSON.stringify(JSON.parse(said)) === text;
  } catch {
    return false;
  }
}

/** Head and tail of what is longer than a model reads. */
export function bounded(text: string): string {
  const kept = new KeptOutput();
  kept.add(text);
  return kept.text();
}

function lastOf(uri: string): string | undefined {
  return uri.split('/').findLast((part) => part !== '');
}
