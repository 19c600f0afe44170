import type { Completion } from './complete.ts';
import { HistorySearch } from './history-search.ts';
import { EDITS, insert, layOut, moveRow, NOTHING_TYPED, typed, type Typed } from './line-buffer.ts';
import type { Screen } from './screen.ts';

/** A key as node:readline names it. */
export interface Key {
  name?: string | undefined;
  ctrl?: boolean | undefined;
  meta?: boolean | undefined;
  sequence?: string | undefined;
}

/** Who gets what is typed; a question takes the place of the conversation until it is answered. */
export interface Focus {
  prompt: string;
  line(text: string): void;
  /** A character on an empty line; true when it was taken for an answer of its own. */
  key?(character: string): boolean;
  interrupt(): void;
  /** Esc; absent where it means nothing. */
  escape?(): void;
  /** Ctrl-D on an empty line. */
  end(): void;
  /** What was typed before, oldest first; absent for answers. */
  history?(): readonly string[];
  complete?(now: Typed): Promise<Completion | undefined>;
}

type EditName = keyof typeof EDITS;

const CONTROL: Record<string, EditName> = {
  a: 'lineStart',
  e: 'lineEnd',
  b: 'left',
  f: 'right',
  h: 'eraseLeft',
  w: 'eraseWordLeft',
  u: 'eraseToLineStart',
  k: 'eraseToLineEnd',
  left: 'wordLeft',
  right: 'wordRight',
  delete: 'eraseWordRight',
};
const META: Record<string, EditName> = {
  b: 'wordLeft',
  f: 'wordRight',
  d: 'eraseWordRight',
  backspace: 'eraseWordLeft',
};
const PLAIN: Record<string, EditName> = {
  left: 'left',
  right: 'right',
  home: 'lineStart',
  end: 'lineEnd',
  backspace: 'eraseLeft',
  delete: 'eraseRight',
};

interface Held {
  focus: Focus;
  typed: Typed;
}

/** The line at the bottom: keys change it, Enter gives it away. Several lines by a backslash at the end, Alt-Enter, Ctrl-J or a paste. */
export class Editor {
  readonly #screen: Screen;
  readonly #held: Held[] = [];
  #focus: Focus;
  #now: Typed = NOTHING_TYPED;
  /** How far back in the history; 0 is what is being typed. */
  #back = 0;
  #draft: Typed = NOTHING_TYPED;
  #pasting = false;
  #search: HistorySearch | undefined;
  #choices: readonly string[] = [];

  constructor(screen: Screen, focus: Focus) {
    this.#screen = screen;
    this.#focus = focus;
  }

  get text(): string {
    return this.#now.text;
  }

  /** Puts a text on the line, e.g. one that could not be delivered. */
  set(text: string): void {
    this.#change(typed(text));
  }

  /** Another one gets what is typed, from an empty line; the returned function gives it back as it was. */
  push(focus: Focus): () => void {
    this.#search = undefined;
    this.#held.push({ focus: this.#focus, typed: this.#now });
    this.#focus = focus;
    this.#back = 0;
    this.#change(NOTHING_TYPED);
    return () => {
      const index =
        this.#focus === focus ? this.#held.length : this.#held.findIndex((held) => held.focus === focus);
      if (index === -1) return;
      if (index < this.#held.length) {
        this.#held.splice(index, 1);
        return;
      }
      const back = this.#held.pop();
      if (back === undefined) return;
      this.#focus = back.focus;
      this.#change(back.typed);
    };
  }

  /** Draws the line as it is. */
  draw(): void {
    const now = this.#search === undefined ? this.#now : typed(this.#search.found ?? '');
    const prompt = this.#search?.prompt ?? this.#focus.prompt;
    const { rows, cursor } = layOut(now, prompt, this.#screen.width());
    this.#screen.show({ prompt: rows, cursor, choices: columns(this.#choices, this.#screen.width()) });
  }

  /** Takes a whole line, where a terminal gives nothing smaller. */
  line(text: string): void {
    this.#now = typed(this.#now.text + text);
    this.#enter();
  }

  /** Takes one key. */
  async key(character: string | undefined, key: Key): Promise<void> {
    if (key.name === 'paste-start' || key.name === 'paste-end') {
      this.#pasting = key.name === 'paste-start';
      return;
    }
    if (this.#pasting)
      return this.#type(key.name === 'return' || key.name === 'enter' ? '\n' : (character ?? ''));
    if (this.#search !== undefined && this.#searchKey(this.#search, character, key)) return;
    const known = this.#edit(key);
    if (known !== undefined) return this.#change(EDITS[known](this.#now));
    if (key.ctrl === true) return this.#control(key.name);
    switch (key.name) {
      case 'return':
        return key.meta === true ? this.#type('\n') : this.#enter();
      case 'enter':
        return this.#type('\n');
      case 'tab':
        return this.#complete();
      case 'up':
        return this.#up();
      case 'down':
        return this.#down();
      case 'escape':
        return this.#focus.escape?.();
      default:
        return this.#type(key.meta === true ? '' : (character ?? ''));
    }
  }

  #edit({ name = '', ctrl, meta }: Key): EditName | undefined {
    const table = ctrl === true ? CONTROL : meta === true ? META : PLAIN;
    return Object.hasOwn(table, name) ? table[name] : undefined;
  }

  #control(name: string | undefined): void {
    if (name === 'c') return this.#focus.interrupt();
    if (name === 'd')
      return this.#now.text === '' ? this.#focus.end() : this.#change(EDITS.eraseRight(this.#now));
    if (name === 'p') return this.#up();
    if (name === 'n') return this.#down();
    if (name === 'l') this.#screen.clear();
    if (name === 'r') this.#beginSearch();
  }

  #beginSearch(): void {
    const entries = this.#focus.history?.();
    if (entries === undefined) return;
    this.#search = new HistorySearch(entries);
    this.draw();
  }

  /** While it is searched: true for a key that was one of the search; any other puts what was found on the line and does its own work. */
  #searchKey(search: HistorySearch, character: string | undefined, { name, ctrl, meta }: Key): boolean {
    if (ctrl === true && name === 'r') search.older();
    else if (name === 'backspace' || (ctrl === true && name === 'h')) search.erase();
    else if (ctrl === true && (name === 'c' || name === 'g')) this.#search = undefined;
    else if (ctrl !== true && meta !== true && /^[^\u0000-\u001f\u007f]/.test(character ?? '')) {
      search.type(character ?? '');
    } else {
      this.#search = undefined;
      this.#change(search.found === undefined ? this.#now : typed(search.found));
      return name === 'tab' || name === 'escape';
    }
    this.draw();
    return true;
  }

  #type(piece: string): void {
    // A key without a character of its own, e.g. F5.
    if (piece === '' || piece.startsWith('\u001b')) return;
    if (!this.#pasting && this.#now.text === '' && this.#focus.key?.(piece) === true) return;
    this.#change(
      insert(this.#now, piece.replaceAll('\r', '\n').replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '')),
    );
  }

  #enter(): void {
    const { text, cursor } = this.#now;
    if (cursor === text.length && text.endsWith('\\')) return this.#change(typed(`${text.slice(0, -1)}\n`));
    this.#back = 0;
    this.#change(NOTHING_TYPED);
    this.#focus.line(text);
  }

  #up(): void {
    const moved = moveRow(this.#now, -1);
    if (moved !== undefined) return this.#change(moved);
    const entries = this.#focus.history?.() ?? [];
    if (this.#back >= entries.length) return;
    if (this.#back === 0) this.#draft = this.#now;
    this.#goBack(this.#back + 1, entries);
  }

  #down(): void {
    const moved = moveRow(this.#now, 1);
    if (moved !== undefined) return this.#change(moved);
    if (this.#back > 0) this.#goBack(this.#back - 1, this.#focus.history?.() ?? []);
  }

  #goBack(back: number, entries: readonly string[]): void {
    this.#change(back === 0 ? this.#draft : typed(entries.at(-back) ?? ''));
    this.#back = back;
  }

  async #complete(): Promise<void> {
    const asked = this.#now;
    const found = await this.#focus.complete?.(asked);
    // Typed on meanwhile: what was found is about a text that is gone.
    if (found === undefined || asked !== this.#now) return;
    this.#change(found.typed, found.choices);
  }

  #change(now: Typed, choices: readonly string[] = []): void {
    this.#now = now;
    this.#choices = choices;
    this.draw();
  }
}

const MOST_ROWS = 5;

/** Candidates side by side, a few rows of them. */
export function columns(choices: readonly string[], width: number): string[] {
  if (choices.length === 0) return [];
  const cell = Math.min(Math.max(...choices.map((choice) => choice.length)) + 2, width);
  const perRow = Math.max(Math.floor(width / cell), 1);
  const rows: string[] = [];
  for (let start = 0; start < choices.length && rows.length < MOST_ROWS; start += perRow) {
    rows.push(
      choices
        .slice(start, start + perRow)
        .map((choice) => choice.padEnd(cell))
        .join('')
        .trimEnd(),
    );
  }
  const left = choices.length - perRow * MOST_ROWS;
  return left > 0 ? [...rows, `… ${left} more`] : rows;
}
