import { printable, type Style } from '../terminal/style.ts';
import { inlineSpans } from './markdown-inline.ts';
import { isTableRule, tableLines } from './markdown-table.ts';
import { paint, type Span, textWidth, wrapSpans } from './markdown-wrap.ts';

export interface MarkdownOptions {
  style: Style;
  /** Columns to write in; asked for each line, as a terminal may change. */
  width(): number;
}

interface Fence {
  mark: string;
  indent: string;
}

/**
 * Markdown as it streams in: each line is rendered when it is whole, a table when it has ended. So a text stays live, costs the same
 * however long it gets, and what has been written is never written again.
 */
export class MarkdownStream {
  readonly #options: MarkdownOptions;
  #open = '';
  #fence: Fence | undefined;
  #table: string[] = [];
  #wasBlank = true;
  #inList = false;

  constructor(options: MarkdownOptions) {
    this.#options = options;
  }

  /** Takes the next piece and gives the lines that are whole now. */
  push(text: string): string[] {
    const lines = (this.#open + text).split('\n');
    this.#open = lines.pop() ?? '';
    return lines.flatMap((line) => this.#line(printable(line)));
  }

  /** What is still open, as it would look now. Changes nothing. */
  pending(): string[] {
    const kept = { fence: this.#fence, table: this.#table, wasBlank: this.#wasBlank, inList: this.#inList };
    const open = printable(this.#open);
    const lines = [
      ...this.#table.map((line) => this.#dim(line)),
      ...(open.trim() === '' ? [] : this.#one(open)),
    ];
    this.#fence = kept.fence;
    this.#table = kept.table;
    this.#wasBlank = kept.wasBlank;
    this.#inList = kept.inList;
    return lines;
  }

  /** The rest, and begins anew. */
  end(): string[] {
    const rest = printable(this.#open);
    this.#open = '';
    const lines = [...(rest === '' ? [] : this.#line(rest)), ...this.#endTable()];
    this.#fence = undefined;
    this.#wasBlank = true;
    this.#inList = false;
    return lines;
  }

  #line(line: string): string[] {
    if (this.#fence === undefined && this.#takesTable(line)) {
      this.#table = [...this.#table, line];
      return [];
    }
    const table = this.#endTable();
    // The line that ended two that were no table may begin one.
    if (table.length > 0 && this.#fence === undefined && this.#takesTable(line)) {
      this.#table = [line];
      return table;
    }
    return [...table, ...this.#one(line)];
  }

  /** A line with a bar may begin a table; the second line says whether it does. */
  #takesTable(line: string): boolean {
    if (!line.includes('|')) return false;
    return this.#table.length === 1 ? isTableRule(line) : true;
  }

  #endTable(): string[] {
    if (this.#table.length === 0) return [];
    const lines = this.#table;
    this.#table = [];
    this.#wasBlank = false;
    return (
      tableLines(lines.join('\n'), this.#options.width(), this.#options.style) ??
      lines.flatMap((line) => this.#one(line))
    );
  }

  #one(line: string): string[] {
    if (this.#fence !== undefined) return this.#inFence(line, this.#fence);
    const opened = /^(\s*)(`{3,}|~{3,})\s*([^\s`]*)[^`]*$/.exec(line);
    if (opened !== null) return this.#openFence(opened);
    if (line.trim() === '') return this.#blank();
    const afterBlank = this.#wasBlank;
    this.#wasBlank = false;
    return (
      this.#code(line, afterBlank) ??
      this.#heading(line) ??
      this.#rule(line) ??
      this.#quote(line) ??
      this.#item(line) ??
      this.#paragraph(line)
    );
  }

  #openFence([, indent = '', mark = '', language = '']: RegExpExecArray): string[] {
    this.#fence = { mark, indent };
    this.#wasBlank = false;
    return language === '' ? [] : [this.#dim(`${indent}  ${language}`)];
  }

  #inFence(line: string, { mark, indent }: Fence): string[] {
    const bare = line.trim();
    if (bare.startsWith(mark) && bare === bare.charAt(0).repeat(bare.length)) {
      this.#fence = undefined;
      return [];
    }
    const code = line.startsWith(indent) ? line.slice(indent.length) : line.trimStart();
    return [`${indent}  ${this.#options.style('cyan', code)}`.trimEnd()];
  }

  /** Several blank lines are one, and a text does not begin with one. */
  #blank(): string[] {
    if (this.#wasBlank) return [];
    this.#wasBlank = true;
    return [''];
  }

  /** Four blanks after an empty line are code, but in a list. */
  #code(line: string, afterBlank: boolean): string[] | undefined {
    if (!/^(?: {4}|\t)/.test(line)) {
      if (afterBlank && !/^\s/.test(line)) this.#inList = false;
      return undefined;
    }
    if (!afterBlank || this.#inList) return undefined;
    this.#wasBlank = true; // the next line of the same code
    return [`  ${this.#options.style('cyan', line.replace(/^(?: {4}|\t)/, ''))}`];
  }

  #heading(line: string): string[] | undefined {
    const [, marks, text = ''] = /^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$/.exec(line) ?? [];
    if (marks === undefined) return undefined;
    return this.#wrap(inlineSpans(text, marks.length === 1 ? ['bold', 'underline'] : ['bold']), '', '');
  }

  #rule(line: string): string[] | undefined {
    return /^ {0,3}([-*_])(?:\s*\1){2,}\s*$/.test(line)
      ? [this.#dim('─'.repeat(Math.min(this.#options.width(), 40)))]
      : undefined;
  }

  #quote(line: string): string[] | undefined {
    const [, marks, text = ''] = /^ {0,3}((?:>\s?)+)(.*)$/.exec(line) ?? [];
    if (marks === undefined) return undefined;
    const bars = '│ '.repeat(marks.replace(/\s/g, '').length);
    return this.#wrap(inlineSpans(text, ['italic']), bars, bars);
  }

  #item(line: string): string[] | undefined {
    const [, indent = '', mark, box = '', text = ''] =
      /^(\s*)([-*+]|\d{1,9}[.)])\s+(?:\[([ xX])\]\s+)?(.*)$/.exec(line) ?? [];
    if (mark === undefined) return undefined;
    this.#inList = true;
    const bullet = /\d/.test(mark) ? mark : '•';
    const first = `${indent}${box === '' ? bullet : box === ' ' ? '☐' : '☑'} `;
    return this.#wrap(inlineSpans(text), first, ' '.repeat(textWidth(first)));
  }

  #paragraph(line: string): string[] {
    const indent = /^\s*/.exec(line)?.[0] ?? '';
    return this.#wrap(inlineSpans(line.trim()), indent, indent);
  }

  /** Lines with one head for the first and one for the rest. */
  #wrap(spans: readonly Span[], first: string, rest: string): string[] {
    const { style, width } = this.#options;
    return wrapSpans(spans, Math.max(width() - textWidth(first), 10)).map((line, index) => {
      const head = index === 0 ? first : rest;
      return `${head.includes('│') ? this.#dim(head) : head}${paint(line, style)}`.trimEnd();
    });
  }

  #dim(text: string): string {
    return this.#options.style('dim', text);
  }
}
