import { clip } from '../render/markdown-wrap.ts';
import type { Io } from '../terminal/io.ts';
import type { Output } from '../terminal/output.ts';

const UP = (rows: number): string => (rows === 0 ? '' : `\u001b[${rows}A`);
const CLEAR_BELOW = '\r\u001b[0J';

/** What stands below the text and is drawn anew: parts from top to bottom, and where the cursor is in the last one. */
export interface Live {
  /** Text that is not whole yet. */
  pending: string[];
  /** Tools that work. */
  calls: string[];
  status: string[];
  /** Candidates of a completion. */
  choices: string[];
  prompt: string[];
  cursor: { row: number; column: number };
}

const EMPTY: Live = {
  pending: [],
  calls: [],
  status: [],
  choices: [],
  prompt: [],
  cursor: { row: 0, column: 0 },
};
const PARTS = ['pending', 'calls', 'status', 'choices', 'prompt'] as const;

/**
 * A terminal in two parts: lines that stay, above, and the live part below them, which is taken away before a line is written and drawn
 * again after it. The live part goes to stderr. On a dumb terminal nothing is ever drawn twice: there the live part is not shown.
 */
export class Screen {
  readonly #io: Io;
  readonly #output: Output;
  readonly #isLive: boolean;
  #live: Live = EMPTY;
  #rowsAboveCursor = 0;
  #shown = false;
  #suspended = 0;

  constructor(io: Io, output: Output, isLive: boolean) {
    this.#io = io;
    this.#output = output;
    this.#isLive = isLive;
    if (isLive) io.stderr.on('resize', this.#redraw);
  }

  /** Columns that may be written to; the last one stays free, so that no terminal wraps by itself. */
  readonly width = (): number => Math.max((this.#io.stderr.columns ?? 80) - 1, 20);

  readonly #redraw = (): void => {
    this.#erase();
    this.#draw();
  };

  /** Changes parts of the live part. */
  show(parts: Partial<Live>): void {
    this.#erase();
    this.#live = { ...this.#live, ...parts };
    this.#draw();
  }

  /** A line that stays, on stderr. */
  note(line: string): void {
    this.#erase();
    this.#output.note(line);
    this.#draw();
  }

  /** What was typed, as a line that stays; a dumb terminal has shown it itself. */
  echo(line: string): void {
    if (this.#isLive) this.note(line);
  }

  /** Says on a dumb terminal that a line is expected; elsewhere the live part does. */
  ask(prompt: string): void {
    if (!this.#isLive) this.#output.prompt(prompt);
  }

  /** Lines of the assistant's text, on stdout; resolves when there is room for more. `live` changes with them. */
  async text(lines: readonly string[], live: Partial<Live> = {}): Promise<void> {
    if (lines.length === 0) {
      this.show(live);
      return;
    }
    this.#erase();
    const written = this.#output.text(`${lines.join('\n')}\n`);
    this.#live = { ...this.#live, ...live };
    this.#draw();
    await written;
  }

  /** Takes the live part away while something else has the terminal. */
  async without<Value>(work: () => Promise<Value>): Promise<Value> {
    this.#erase();
    this.#suspended += 1;
    try {
      return await work();
    } finally {
      this.#suspended -= 1;
      this.#draw();
    }
  }

  /** Wipes the terminal, what is live apart. */
  clear(): void {
    if (!this.#isLive) return;
    this.#output.prompt('\u001b[2J\u001b[H');
    this.#shown = false;
    this.#draw();
  }

  /** Takes the live part away for good. */
  close(): void {
    this.#erase();
    this.#live = EMPTY;
    this.#io.stderr.off('resize', this.#redraw);
  }

  #erase(): void {
    if (!this.#shown) return;
    this.#output.prompt(`${UP(this.#rowsAboveCursor)}${CLEAR_BELOW}`);
    this.#shown = false;
  }

  #draw(): void {
    if (!this.#isLive || this.#suspended > 0) return;
    const { prompt, cursor } = this.#live;
    const all = PARTS.flatMap((part) => this.#live[part]);
    if (all.length === 0) return;
    // More rows than the terminal has could never be taken away again.
    const room = Math.max((this.#rows() ?? 24) - 1, 1);
    const rows = all.slice(-room).map((row) => clip(row, this.width()));
    const hasPrompt = prompt.length > 0;
    const below = hasPrompt ? prompt.length - 1 - cursor.row : 0;
    const column = hasPrompt ? cursor.column : 0;
    const right = column === 0 ? '' : `\u001b[${column}C`;
    this.#output.prompt(`${rows.join('\n')}${UP(below)}\r${right}`);
    this.#rowsAboveCursor = Math.max(rows.length - 1 - below, 0);
    this.#shown = true;
  }

  #rows(): number | undefined {
    const { stderr } = this.#io;
    return 'rows' in stderr && typeof stderr.rows === 'number' ? stderr.rows : undefined;
  }
}
