/** Markup that is known to be ours; only `markup` makes it. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Inserted = string | number | Markup | readonly Markup[];

/**
 * Markup with texts in it: every text is escaped, so that it stands as text between tags and within quoted values, whatever it holds. Only
 * what this function made goes in as markup.
 */
export function markup(parts: TemplateStringsArray, ...inserted: readonly Inserted[]): Markup {
  return new Markup(parts.reduce((text, part, index) => `${text}${shown(inserted[index - 1])}${part}`));
}

function shown(value: Inserted | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'string' || typeof value === 'number') return escaped(String(value));
  return value instanceof Markup ? value.text : value.map(({ text }) => text).join('\n');
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

/** Control characters are no part of a page; a browser would drop them, or read on differently. */
function escaped(text: string): string {
  return (
    text
      .toWellFormed()
      .replaceAll(/\r\n?/gu, '\n')
      // eslint-disable-next-line no-control-regex -- these are what is looked for
      .replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/gu, '\uFFFD')
      .replaceAll(/[&<>"'`]/gu, (character) => ESCAPES[character] ?? '')
  );
}
