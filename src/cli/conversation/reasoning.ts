import { hardWrap } from '../render/markdown-wrap.ts';
import { ShownText } from '../render/shown-text.ts';
import { printable, type Style } from '../terminal/style.ts';

/** Lines of reasoning that are shown while it comes, and that stay of it. */
const SHOWN_LINES = 3;

interface Preview {
  message_id: string;
  attempt: number;
  offset: number;
  content: string;
}

/** What a model thinks before it answers: its last lines while it comes, its first ones afterwards, dimmed. */
export class Reasoning {
  readonly #width: () => number;
  readonly #style: Style;
  readonly #shown = new ShownText();
  #text = '';
  /** The message whose reasoning has been shown. */
  #message_id = '';

  constructor(width: () => number, style: Style) {
    this.#width = width;
    this.#style = style;
  }

  /** Adds what comes, and gives the lines to show meanwhile. */
  preview(part: Preview): string[] {
    const { text, voided } = this.#shown.preview(part);
    this.#text = voided ? text : this.#text + text;
    this.#message_id = part.message_id;
    return this.#lines().slice(-SHOWN_LINES);
  }

  /** It is over: the lines that stay, none where there was nothing. */
  end(): string[] {
    const lines = this.#lines();
    this.#text = '';
    const more = lines.length - SHOWN_LINES;
    if (more <= 1) return lines;
    return [...lines.slice(0, SHOWN_LINES), this.#style('dim', `  … ${more} more lines of thought`)];
  }

  /** Of a message that came whole; nothing where its previews were seen. */
  whole(message: { message_id: string; reasoning?: readonly { text: string }[] | undefined }): string[] {
    if (message.message_id === this.#message_id) return this.end();
    this.#text = (message.reasoning ?? []).map(({ text }) => text).join('\n');
    return this.end();
  }

  #lines(): string[] {
    const text = printable(this.#text).trim();
    if (text === '') return [];
    const rows = text.split('\n').flatMap((line) => hardWrap(line, Math.max(this.#width() - 2, 10)));
    return rows.map((row) => this.#style('dim', `  ${row}`));
  }
}
