/** Elements whose content is not for readers. */
const HIDDEN = 'script|style|noscript|template|iframe|svg|object|head';
const HIDDEN_PIECE = new RegExp(`<(${HIDDEN})(?=[\\s/>])`, 'gi');
const VOID = new Set('area base br col embed hr img input link meta source track wbr !doctype'.split(' '));
/** Ends of these may be left out (HTML, 13.1.2.4), so that counting them says nothing of depth. */
const SELF_ENDING = new Set('p li dt dd tr td th option thead tbody tfoot html body'.split(' '));
const BLOCK =
  /^\/?(?:p|div|br|li|ul|ol|tr|table|h[1-6]|section|article|header|footer|pre|blockquote|hr|dl|dt|dd)$/;
const TAG = /<(\/?[a-z!][a-z0-9-]{0,40})[^>]{0,4000}>/gi;

/** The page without what no reader sees. Linear: a piece without an end goes to the end of the page. */
export function withoutHidden(html: string): string {
  const lower = html.toLowerCase();
  let kept = '';
  let at = 0;
  HIDDEN_PIECE.lastIndex = 0;
  for (let found = HIDDEN_PIECE.exec(lower); found !== null; found = HIDDEN_PIECE.exec(lower)) {
    kept += html.slice(at, found.index);
    const end = lower.indexOf(`</${found[1]}`, found.index);
    const close = end === -1 ? -1 : lower.indexOf('>', end);
    at = close === -1 ? html.length : close + 1;
    HIDDEN_PIECE.lastIndex = at;
  }
  return kept + html.slice(at);
}

export function titleOf(html: string): string {
  const title = /<title[^>]{0,200}>([^<]{0,500})/i.exec(html.slice(0, 64 * 1024))?.[1] ?? '';
  return decodeEntities(title).replaceAll(/\s+/g, ' ').trim();
}

/** How much a page asks of a converter that builds a tree of it. */
export function weightOf(html: string): { tags: number; depth: number } {
  let tags = 0;
  let open = 0;
  let depth = 0;
  for (const [, found = ''] of html.matchAll(TAG)) {
    tags += 1;
    const name = found.toLowerCase();
    if (VOID.has(name) || SELF_ENDING.has(name.replace('/', ''))) continue;
    open = Math.max(0, open + (name.startsWith('/') ? -1 : 1));
    depth = Math.max(depth, open);
  }
  return { tags, depth };
}

/** The text of a page in one pass, for pages of any shape: tags gone, blocks on lines of their own. */
export function plainText(html: string): string {
  const text = html
    .replaceAll(/<!--[\s\S]*?(?:-->|$)/g, '')
    .replaceAll(TAG, (_tag, name: string) => (BLOCK.test(name.toLowerCase()) ? '\n' : ''));
  return decodeEntities(text)
    .split('\n')
    .map((line) => line.replaceAll(/[ \t\r\f\u00a0]+/g, ' ').trim())
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();
}

const NAMED: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  copy: '©',
  hellip: '…',
  ndash: '–',
  mdash: '—',
  laquo: '«',
  raquo: '»',
  euro: '€',
};

function decodeEntities(text: string): string {
  return text.replaceAll(/&(#x?[0-9a-f]{1,6}|[a-z]{2,8});/gi, (whole, name: string) => {
    if (!name.startsWith('#')) return NAMED[name.toLowerCase()] ?? whole;
    const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    const isCharacter = code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
    return isCharacter ? String.fromCodePoint(code) : whole;
  });
}
