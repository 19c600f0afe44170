import type { FileContent, Workspace } from '../../protocol/workspace.ts';
import { digestOf, FOLLOWED_BYTES } from './known-content.ts';

const FIRST_CHUNK = 64 * 1024 + 1;
const CHUNK = 1024 * 1024;
const NEWLINE = 10;

export interface LineRange {
  /** From 1. */
  first: number;
  max_lines: number;
  max_bytes: number;
}

export interface ReadLines {
  bytes: Uint8Array;
  /** Whole lines in `bytes`; one that is cut counts. */
  count: number;
  /** The single line that is given is longer than `max_bytes`, and this is its beginning. */
  cut: boolean;
  /** Something follows in the file. */
  more: boolean;
  /** Lines passed before the end was met, when it was met. */
  total?: number;
}

/** The bytes of a range of lines, read in chunks, so that the size of the file does not matter. `start` is what was read already, from byte 0. */
export async function readLines(
  workspace: Workspace,
  path: string,
  range: LineRange,
  start: Uint8Array,
  signal: AbortSignal,
): Promise<ReadLines> {
  const taker = new LineTaker(range);
  let chunk = start;
  for (let position = 0; ;) {
    const used = taker.take(chunk);
    position += used;
    if (taker.full) {
      if (used < chunk.length) return taker.end(true);
      const next = await workspace.readFile(path, { offset: position, length: 1, signal });
      return taker.end(next.bytes.length > 0);
    }
    chunk = (await workspace.readFile(path, { offset: position, length: CHUNK, signal })).bytes;
    if (chunk.length === 0) return taker.end(false);
  }
}

/** The beginning of a file: enough for most reads, and to see what kind of file it is. With the digest of all of it where it is followed. */
export async function readStart(
  workspace: Workspace,
  path: string,
  signal: AbortSignal,
): Promise<FileContent> {
  const start = await workspace.readFile(path, { length: FIRST_CHUNK, signal });
  if (start.size > FOLLOWED_BYTES) return start;
  if (start.bytes.length === start.size) return { ...start, digest: digestOf(start.bytes) };
  return workspace.readFile(path, { length: FIRST_CHUNK, digest: true, signal });
}

class LineTaker {
  full = false;
  readonly #range: LineRange;
  readonly #parts: Uint8Array[] = [];
  #size = 0;
  #line = 1;
  /** The line that is being read has bytes already. */
  #inside = false;
  /** Bytes of whole lines. */
  #whole = 0;
  #count = 0;
  #cut = false;

  constructor(range: LineRange) {
    this.#range = range;
  }

  /** Takes what it wants of a chunk and says how many bytes it went through. */
  take(chunk: Uint8Array): number {
    let start = 0;
    while (start < chunk.length) {
      const newline = chunk.indexOf(NEWLINE, start);
      const end = newline === -1 ? chunk.length : newline + 1;
      if (this.#line >= this.#range.first && !this.#keep(chunk.subarray(start, end))) return start;
      start = end;
      this.#inside = newline === -1;
      if (newline === -1) continue;
      this.#endLine();
      if (this.full) return start;
    }
    return start;
  }

  #keep(piece: Uint8Array): boolean {
    const room = this.#range.max_bytes - this.#size;
    if (piece.length <= room) {
      this.#parts.push(piece);
      this.#size += piece.length;
      return true;
    }
    this.full = true;
    if (this.#count > 0) return false;
    this.#parts.push(piece.subarray(0, room));
    this.#size += room;
    this.#cut = true;
    return false;
  }

  #endLine(): void {
    if (this.#line >= this.#range.first) {
      this.#count += 1;
      this.#whole = this.#size;
      this.full = this.#count >= this.#range.max_lines;
    }
    this.#line += 1;
  }

  end(more: boolean): ReadLines {
    const all = Buffer.concat(this.#parts);
    if (this.full) {
      const bytes = this.#cut ? all : all.subarray(0, this.#whole);
      return { bytes, count: this.#cut ? 1 : this.#count, cut: this.#cut, more };
    }
    const last = this.#inside ? 1 : 0;
    const count = this.#count + (this.#line >= this.#range.first ? last : 0);
    return { bytes: all, count, cut: false, more, total: this.#line - 1 + last };
  }
}
