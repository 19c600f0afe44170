import type { PreviewType, WireEvent } from '../../protocol/events/events.ts';
import type { Redaction, RedactionStream } from '../../protocol/secrets.ts';
import { HeldText } from './held-text.ts';

/** Bounds of R27, in UTF-16 code units: per open text and per session. */
const TEXT_LIMIT = 1024 * 1024;
const SESSION_LIMIT = 16 * 1024 * 1024;

/** A text that is being written. */
export interface OpenText {
  key: string;
  type: PreviewType;
  /** The event's fields beside the text and its offset. */
  fields: Record<string, unknown>;
  /** Puts a piece of text into the event's fields. */
  place: (text: string) => Record<string, unknown>;
  held: HeldText;
  /** Takes secrets out of what is added, across its pieces (R30). */
  redaction: RedactionStream | undefined;
}

/** Previews of what is open, as text, bounded (R27). Readers pull what they lack, so deltas of one tick travel as one. */
export class PreviewBuffer {
  readonly #texts = new Map<string, OpenText>();
  readonly #redaction: Redaction | undefined;
  #size = 0;

  constructor(redaction?: Redaction) {
    this.#redaction = redaction;
  }

  /** Adds to a text; a new key opens it. Returns it, so that readers can be told. */
  add(key: string, text: string, open: Pick<OpenText, 'type' | 'fields' | 'place'>): OpenText {
    let entry = this.#texts.get(key);
    if (entry === undefined) {
      entry = { key, ...open, held: new HeldText(), redaction: this.#redaction?.stream() };
      this.#texts.set(key, entry);
    }
    const safe = entry.redaction?.push(text) ?? text;
    entry.held.add(safe);
    this.#size += safe.length;
    if (entry.held.length > TEXT_LIMIT) this.#drop(entry, entry.held.length - TEXT_LIMIT);
    while (this.#size > SESSION_LIMIT) this.#dropOldest();
    return entry;
  }

  open(): Iterable<OpenText> {
    return this.#texts.values();
  }

  /** Takes every text whose key begins with the prefix out of the buffer. */
  close(prefix: string): OpenText[] {
    const closed: OpenText[] = [];
    for (const [key, entry] of this.#texts) {
      if (!key.startsWith(prefix)) continue;
      this.#texts.delete(key);
      this.#size -= entry.held.length;
      entry.held.add(entry.redaction?.end() ?? '');
      closed.push(entry);
    }
    return closed;
  }

  #dropOldest(): void {
    for (const entry of this.#texts.values()) {
      if (entry.held.length === 0) continue;
      this.#drop(entry, Math.max(1, Math.ceil(entry.held.length / 2)));
      return;
    }
  }

  #drop(entry: OpenText, count: number): void {
    entry.held.drop(count);
    this.#size -= count;
  }
}

/** The part of a text that a reader lacks, as one event; undefined when it lacks nothing. `sent` is how far it has read. */
export function lacking(text: OpenText, sent: number): { event: WireEvent; sent: number } | undefined {
  const { start, end } = text.held;
  const from = Math.max(sent, start);
  if (end <= from) return undefined;
  const piece = text.held.since(from);
  const json = JSON.stringify({ type: text.type, ...text.fields, offset: from, ...text.place(piece) });
  return { event: { seq: undefined, type: text.type, json }, sent: end };
}
