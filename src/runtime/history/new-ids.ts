import { newId, newSessionId, type IdKind } from '../ids.ts';

/** Fields whose text a person, a model or a tool wrote: an id that stands there is only text. */
const TEXTS: ReadonlySet<string> = new Set([
  'content',
  'message',
  'output',
  'response',
  'arguments',
  'summary',
  'answer',
  'title',
  'text',
  'command',
  'instruction',
  'error',
  'reason',
]);

/** Ids that belong to one log; those of providers (tool calls) and of bytes (blobs, contents) stay. */
const OWN = /^(run|msg|req|inp|cmd|sub)_[a-z0-9]{16}$/;

/**
 * Gives everything in a log another id, the same for the same one wherever it stands, so that what refers to what stays as it was. The
 * ids of sessions are told by the fields `session_id`, `parent_session_id` and `sub_session_id`.
 */
export class NewIds {
  readonly #given = new Map<string, string>();

  constructor(root_id: string, new_root_id: string) {
    this.#given.set(root_id, new_root_id);
  }

  /** The text of an event, with its own ids for those of the log that it comes from. */
  rewrite(json: string): string {
    return JSON.stringify(this.#value(JSON.parse(json), ''));
  }

  of(id: string): string {
    const kind = OWN.exec(id)?.[1] as IdKind | undefined;
    const known = this.#given.get(id);
    if (known !== undefined) return known;
    if (kind === undefined) return id;
    const made = newId(kind);
    this.#given.set(id, made);
    return made;
  }

  session(id: string): string {
    const known = this.#given.get(id);
    if (known !== undefined) return known;
    const made = newSessionId();
    this.#given.set(id, made);
    return made;
  }

  #value(value: unknown, field: string): unknown {
    if (typeof value === 'string') {
      if (TEXTS.has(field)) return value;
      return field.endsWith('session_id') ? this.session(value) : this.of(value);
    }
    if (Array.isArray(value)) return value.map((item) => this.#value(item, field));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, this.#value(inner, key)]));
  }
}
