import { SHORTEST_SECRET, type RedactionStream, type SecretKeeper } from '../../protocol/secrets.ts';
import { findAll, replaceAll, type Pattern } from './find.ts';
import { replacementFor } from './replacement.ts';
import { Sieve } from './sieve.ts';
import { PieceRedaction } from './stream.ts';

/** A line of a key file that is worth as much as the whole; shorter ones are too common. */
const SHORTEST_LINE = 16;

/** Lets every text through as it is: there is no value yet. */
const OPEN = { mayHold: () => false, mayOpen: () => false };

/** The values of one process that may not leave it, and what takes them out. */
export class Secrets implements SecretKeeper {
  /** Value -> its name, and who holds it; without an owner it is held under ''. */
  readonly #held = new Map<string, { name: string; owners: Set<string> }>();
  #patterns: readonly Pattern[] = [];
  #sieve: Sieve | undefined;
  #reserved: () => readonly string[] = () => [];
  #ownWords: readonly string[] | undefined;

  /** Words that are never taken for a secret, asked for once where a value looks like a word. */
  reserve(words: () => readonly string[]): this {
    this.#reserved = words;
    return this;
  }

  get isNeeded(): boolean {
    return this.#patterns.length > 0;
  }

  /** The values that are taken out now, as they may be written. */
  get patterns(): readonly Pattern[] {
    return this.#patterns;
  }

  add(name: string, value: string, owner = ''): void {
    let isNew = false;
    for (const part of partsOf(value)) {
      if (this.#isOurs(part)) continue;
      const known = this.#held.get(part);
      if (known === undefined) this.#held.set(part, { name, owners: new Set([owner]) });
      else known.owners.add(owner);
      isNew ||= known === undefined;
    }
    if (isNew) this.#build();
  }

  forget(owner: string): void {
    let isGone = false;
    for (const [value, { owners }] of this.#held) {
      if (!owners.delete(owner) || owners.size > 0) continue;
      this.#held.delete(value);
      isGone = true;
    }
    if (isGone) this.#build();
  }

  text(text: string): string {
    if (this.#sieve?.mayHold(text) !== true) return text;
    const found = findAll(text, this.#patterns);
    return found === undefined ? text : replaceAll(text, found);
  }

  json<Value>(value: Value): Value {
    // What comes out has the shape of what went in: strings alone are exchanged.
    return this.#sieve !== undefined && this.#holds(value, this.#sieve)
      ? (this.#walk(value) as Value)
      : value;
  }

  bytes(bytes: Uint8Array): Uint8Array {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (!this.#patterns.some(({ value }) => buffer.includes(value))) return bytes;
    // Each byte as one character: what is no UTF-8 stays as it is.
    const patterns = this.#patterns.map(({ value, replacement }) => ({
      value: asLatin1(value),
      replacement: asLatin1(replacement),
    }));
    const text = buffer.toString('latin1');
    return new Uint8Array(Buffer.from(replaceAll(text, findAll(text, patterns) ?? []), 'latin1'));
  }

  stream(): RedactionStream {
    return new PieceRedaction(() => ({ patterns: this.#patterns, sieve: this.#sieve ?? OPEN }));
  }

  /** A word of our own events: taken out, a log could not be read any more. */
  #isOurs(value: string): boolean {
    if (!/^[A-Za-z_-]+$/.test(value)) return false;
    this.#ownWords ??= this.#reserved();
    return this.#ownWords.some((word) => word.includes(value));
  }

  #build(): void {
    const values = [...this.#held.keys()];
    this.#sieve = values.length === 0 ? undefined : new Sieve(values);
    this.#patterns = [...this.#held].map(([value, { name }]) => ({
      value,
      replacement: replacementFor(name, values),
    }));
  }

  /** A look that makes nothing, since most values hold none. */
  #holds(value: unknown, sieve: Sieve): boolean {
    if (typeof value === 'string') return sieve.mayHold(value);
    if (typeof value !== 'object' || value === null) return false;
    if (Array.isArray(value)) return value.some((item) => this.#holds(item, sieve));
    for (const name in value) {
      if (sieve.mayHold(name) || this.#holds((value as Record<string, unknown>)[name], sieve)) return true;
    }
    return false;
  }

  #walk(value: unknown): unknown {
    if (typeof value === 'string') return this.text(value);
    if (Array.isArray(value)) return this.#walkList(value);
    if (typeof value === 'object' && value !== null) return this.#walkFields(value);
    return value;
  }

  #walkList(list: readonly unknown[]): readonly unknown[] {
    const walked = list.map((item) => this.#walk(item));
    return walked.some((item, index) => item !== list[index]) ? walked : list;
  }

  #walkFields(fields: object): object {
    let isChanged = false;
    const walked: [string, unknown][] = [];
    for (const [name, value] of Object.entries(fields)) {
      const entry: [string, unknown] = [this.text(name), this.#walk(value)];
      isChanged ||= entry[0] !== name || entry[1] !== value;
      walked.push(entry);
    }
    return isChanged ? Object.fromEntries(walked) : fields;
  }
}

function asLatin1(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** The value as it may be written: as it is, as text within JSON, and the lines of a key file each. */
function partsOf(value: string): string[] {
  const trimmed = value.trim();
  const lines = trimmed.split(/\r?\n/);
  const keyLines = lines.length === 1 ? [] : lines.map((line) => line.trim()).filter(isKeyLine);
  const parts = [trimmed, ...keyLines].filter((part) => part.length >= SHORTEST_SECRET);
  return [...new Set(parts.flatMap((part) => [part, JSON.stringify(part).slice(1, -1)]))];
}

function isKeyLine(line: string): boolean {
  return line.length >= SHORTEST_LINE && !line.startsWith('-----');
}
