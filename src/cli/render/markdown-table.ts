import { Lexer, type Tokens } from 'marked';
import type { Style } from '../terminal/style.ts';
import { inlineSpans } from './markdown-inline.ts';
import { paint, type Span, textWidth, wrapSpans } from './markdown-wrap.ts';

const NARROWEST = 6;

/** The second line of a table: what makes two lines with bars one. */
export function isTableRule(line: string): boolean {
  return line.includes('-') && line.includes('|') && /^[\s|:-]+$/.test(line);
}

/** A table in columns, its cells wrapped where the terminal is narrower. Undefined for lines that are none. */
export function tableLines(source: string, width: number, style: Style): string[] | undefined {
  const table = Lexer.lex(source).find((token): token is Tokens.Table => token.type === 'table');
  if (table === undefined) return undefined;
  const head = table.header.map((cell) => inlineSpans(cell.text, ['bold']));
  const rows = table.rows.map((row) => row.map((cell) => inlineSpans(cell.text)));
  const widths = columnWidths([head, ...rows], width);
  const rule = style('dim', widths.map((columns) => '─'.repeat(columns)).join('─┼─'));
  const draw = (row: Span[][]): string[] => rowLines(row, widths, table.align, style);
  return [...draw(head), rule, ...rows.flatMap(draw)];
}

/** As wide as the widest cell; together too wide, the widest ones give way. */
function columnWidths(rows: readonly Span[][][], width: number): number[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 1, spansWidth(cell));
  }
  const room = width - 3 * (widths.length - 1);
  for (;;) {
    const widest = Math.max(...widths);
    if (widths.reduce((sum, columns) => sum + columns, 0) <= room || widest <= NARROWEST) return widths;
    widths[widths.indexOf(widest)] = widest - 1;
  }
}

function rowLines(row: Span[][], widths: number[], align: Tokens.Table['align'], style: Style): string[] {
  const cells = widths.map((columns, index) => wrapSpans(row[index] ?? [], columns));
  const height = Math.max(...cells.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) =>
    cells
      .map((lines, index) => aligned(lines[line] ?? [], widths[index] ?? 0, align[index] ?? null, style))
      .join(style('dim', ' │ '))
      .trimEnd(),
  );
}

function aligned(spans: readonly Span[], columns: number, align: string | null, style: Style): string {
  const free = Math.max(columns - spansWidth(spans), 0);
  const left = align === 'right' ? free : align === 'center' ? Math.floor(free / 2) : 0;
  return `${' '.repeat(left)}${paint(spans, style)}${' '.repeat(free - left)}`;
}

function spansWidth(spans: readonly Span[]): number {
  return spans.reduce((sum, { text }) => sum + textWidth(text), 0);
}
