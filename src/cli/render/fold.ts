import type { Style } from '../terminal/style.ts';

export interface FoldOptions {
  /** Lines that are shown of the beginning and of the end. */
  head: number;
  tail: number;
  /** What shows the whole, e.g. `/show 3`. */
  how: string;
  style: Style;
}

/** Long output with its middle left out, and how to see it. One line is not worth leaving out. */
export function fold(lines: readonly string[], { head, tail, how, style }: FoldOptions): string[] {
  const hidden = lines.length - head - tail;
  if (hidden <= 1) return [...lines];
  const said = style('dim', `… ${hidden} more lines: ${how}`);
  return [...lines.slice(0, head), said, ...(tail === 0 ? [] : lines.slice(-tail))];
}
