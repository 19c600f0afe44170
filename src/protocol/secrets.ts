/**
 * Where values that were resolved from a secret reference are told to those who write things down (R30): whoever reads a key, a
 * keyring, a `file:` or a credential helper calls `add` before it uses the value.
 */
export interface SecretRegistry {
  /**
   * From now on the value leaves as `[redacted:NAME]`. Values under 8 characters are not taken: a text is full of them.
   * @param owner what the value ends with, e.g. a session's id; without one it stays as long as the registry
   */
  add(name: string, value: string, owner?: string): void;
  /** The values of this owner are let go. */
  forget(owner: string): void;
}

/** Takes the known values out of what leaves the process. */
export interface Redaction {
  /** False: every other method gives back what it got. */
  readonly isNeeded: boolean;
  text(text: string): string;
  /** Every string of a JSON value, names of fields included; the same object where nothing was found. */
  json<Value>(value: Value): Value;
  bytes(bytes: Uint8Array): Uint8Array;
  /** For a text that comes in pieces. */
  stream(): RedactionStream;
}

/** Gives, in pieces of its own, what `Redaction.text` gives for the whole. */
export interface RedactionStream {
  /** What is certain by now; what may yet become a secret is held back. */
  push(piece: string): string;
  /** The rest. */
  end(): string;
}

/** Values under this many characters are not taken out. */
export const SHORTEST_SECRET = 8;

/** Both sides: what a process that writes things down is made with. */
export type SecretKeeper = SecretRegistry & Redaction;
