import { plainText, titleOf, weightOf, withoutHidden } from './plain-html.ts';

export const FORMATS = ['markdown', 'text', 'html'] as const;
export type Format = (typeof FORMATS)[number];

/** What a page may ask of the Markdown converter, which builds a tree and takes its time for deep ones. */
const MOST = { tags: 10_000, depth: 100, characters: 400_000 };

export interface PageText {
  text: string;
  /** What the reader should know of it. */
  note?: string;
}

/** A page in the wanted format. What is no HTML is given as it is. */
export async function pageText(source: string, isHtml: boolean, format: Format): Promise<PageText> {
  if (!isHtml || format === 'html') return { text: source };
  const title = titleOf(source);
  const shown = withoutHidden(source);
  if (format === 'text') return { text: titled(title, plainText(shown), '') };
  const { tags, depth } = weightOf(shown);
  if (tags > MOST.tags || depth > MOST.depth || shown.length > MOST.characters) {
    const note = 'the page is too large or too deep to be made Markdown; this is its text';
    return { text: titled(title, plainText(shown), '# '), note };
  }
  const { TurndownService } = await import('./turndown.ts');
  const service = new TurndownService({
    headingStyle: 'atx',
    codeBlockStyle: 'fenced',
    bulletListMarker: '-',
  });
  return { text: titled(title, service.turndown(shown), '# ') };
}

function titled(title: string, text: string, mark: string): string {
  return title === '' || text.startsWith(`${mark}${title}`) ? text : `${mark}${title}\n\n${text}`;
}

/** The text of a body by the charset that its header, its byte order mark or its own `meta` names; UTF-8 where none does. */
export function decodeBody(body: Uint8Array, contentType: string): string {
  const start = new TextDecoder('latin1').decode(body.subarray(0, 1024));
  const named =
    /charset\s*=\s*["']?([\w.:-]{1,40})/i.exec(contentType)?.[1] ??
    /<meta[^>]{0,200}charset\s*=\s*["']?([\w.:-]{1,40})/i.exec(start)?.[1] ??
    'utf-8';
  return decoderOf(named).decode(body);
}

function decoderOf(name: string): TextDecoder {
  try {
    return new TextDecoder(name);
  } catch (thrown) {
    // An unknown name is the page's fault; most such pages are UTF-8.
    if (thrown instanceof RangeError) return new TextDecoder();
    throw thrown;
  }
}
