import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeFileAtomic } from '../../process/atomic-file.ts';
import { makeFolders } from '../../process/make-folders.ts';

/** Entries that are kept; the oldest go first. */
export const HISTORY_ENTRIES = 1000;
/** Characters of one entry; a longer one is a document, not something to type again. */
export const HISTORY_LENGTH = 10_000;

/** With one more entry at its end: none twice, none empty, none that begins with a blank, not more than the bound. */
export function withEntry(entries: readonly string[], entry: string): string[] {
  if (entry.trim() === '' || entry.startsWith(' ') || entry.length > HISTORY_LENGTH) return [...entries];
  return [...entries.filter((other) => other !== entry), entry].slice(-HISTORY_ENTRIES);
}

/** Lines of the file: one JSON string each. What is none is left out, so that a damaged line costs itself alone. */
export function readEntries(text: string): string[] {
  return text.split('\n').flatMap((line) => {
    try {
      const entry: unknown = JSON.parse(line);
      return typeof entry === 'string' ? [entry] : [];
    } catch {
      return []; // an empty or half-written line
    }
  });
}

/** What was typed, over all sessions: a file of mode 0600 in a folder of mode 0700. */
export class History {
  readonly #path: string;
  readonly #onFault: (words: string) => void;
  #entries: string[] = [];
  #writing: Promise<void> = Promise.resolve();
  #failed = false;

  /** `onFault` hears once that it cannot be kept; typing goes on without. */
  constructor(path: string, onFault: (words: string) => void) {
    this.#path = path;
    this.#onFault = onFault;
  }

  get entries(): readonly string[] {
    return this.#entries;
  }

  async load(): Promise<void> {
    try {
      this.#entries = await this.#stored();
    } catch (thrown) {
      this.#fault(thrown);
    }
  }

  /** Adds an entry here at once and to the file soon. */
  add(entry: string): void {
    this.#entries = withEntry(this.#entries, entry);
    this.#writing = this.#writing.then(() => this.#store(entry));
  }

  /** Resolves when all is written. */
  close(): Promise<void> {
    return this.#writing;
  }

  /** Other processes write it too: theirs is read before ours is added. */
  async #store(entry: string): Promise<void> {
    if (this.#failed) return;
    try {
      makeFolders(dirname(this.#path));
      const entries = withEntry(await this.#stored(), entry);
      await writeFileAtomic(this.#path, entries.map((one) => `${JSON.stringify(one)}\n`).join(''), {
        mode: 0o600,
      });
    } catch (thrown) {
      this.#fault(thrown);
    }
  }

  async #stored(): Promise<string[]> {
    try {
      return readEntries(await readFile(this.#path, 'utf8'));
    } catch (thrown) {
      if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return [];
      throw thrown;
    }
  }

  #fault(thrown: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#onFault(`what you type is not kept: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  }
}
