import { Lexer, type Token, type Tokens } from 'marked';
import type { Span } from './markdown-wrap.ts';

type Formats = Span['formats'];

/** The inside of a line of markdown: bold, italic, code, links, as spans without their marks. */
export function inlineSpans(text: string, formats: Formats = []): Span[] {
  return spansOf(Lexer.lexInline(text), formats);
}

function spansOf(tokens: readonly Token[], formats: Formats): Span[] {
  return tokens.flatMap((token) => spansOfToken(token, formats));
}

function spansOfToken(token: Token, formats: Formats): Span[] {
  switch (token.type) {
    case 'strong':
      return spansOf(token.tokens ?? [], [...formats, 'bold']);
    case 'em':
      return spansOf(token.tokens ?? [], [...formats, 'italic']);
    case 'del':
      return spansOf(token.tokens ?? [], [...formats, 'strikethrough']);
    case 'codespan':
      return [{ text: (token as Tokens.Codespan).text, formats: [...formats, 'cyan'] }];
    case 'link':
      return link(token as Tokens.Link, formats);
    case 'image':
      return [
        { text: `[image: ${(token as Tokens.Image).text}] (${(token as Tokens.Image).href})`, formats },
      ];
    case 'br':
      return [{ text: ' ', formats }];
    case 'escape':
    case 'text':
      return [{ text: (token as Tokens.Text).text, formats }];
    default:
      return [{ text: token.raw, formats }]; // HTML and what is to come: as it was written
  }
}

/** The text and where it leads, unless it says that itself. */
function link({ href, text, tokens }: Tokens.Link, formats: Formats): Span[] {
  const shown = spansOf(tokens, [...formats, 'underline']);
  if (href === text || href === `mailto:${text}` || href === `http://${text}`) return shown;
  return [...shown, { text: ` (${href})`, formats: [...formats, 'dim'] }];
}
