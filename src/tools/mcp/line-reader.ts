/** A message of a server that had more bytes than are read, as far as it is known. */
export interface OversizeLine {
  bytes: number;
  /** Its beginning and its end. */
  head: string;
  tail: string;
}

/** Bytes that are kept of both ends of a line that is too long. */
const ENDS = 1024;

/** Cuts what a server writes into lines, each of at most so many bytes; of a longer one only its ends are kept, in bounded memory. */
export class LineReader {
  readonly #limit: number;
  readonly #onLine: (line: string) => void;
  readonly #onOversize: (line: OversizeLine) => void;
  #pieces: Buffer[] = [];
  #bytes = 0;
  /** Of a line that is too long already. */
  #head: string | undefined;
  #tail: Buffer = Buffer.alloc(0);

  constructor(limit: number, onLine: (line: string) => void, onOversize: (line: OversizeLine) => void) {
    this.#limit = limit;
    this.#onLine = onLine;
    this.#onOversize = onOversize;
  }

  add(bytes: Uint8Array): void {
    let rest = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10)) {
      this.#keep(rest.subarray(0, end));
      this.#end();
      rest = rest.subarray(end + 1);
    }
    this.#keep(rest);
  }

  #keep(piece: Buffer): void {
    if (piece.length === 0) return;
    this.#bytes += piece.length;
    if (this.#head !== undefined) {
      this.#tail = lastOf(this.#tail, piece);
      return;
    }
    this.#pieces.push(piece);
    if (this.#bytes <= this.#limit) return;
    const all = Buffer.concat(this.#pieces);
    this.#head = all.toString('utf8', 0, ENDS);
    this.#tail = lastOf(Buffer.alloc(0), all);
    this.#pieces = [];
  }

  #end(): void {
    const head = this.#head;
    const line = head === undefined ? Buffer.concat(this.#pieces).toString('utf8') : '';
    const oversize = { bytes: this.#bytes, head: head ?? '', tail: this.#tail.toString('utf8') };
    this.#pieces = [];
    this.#bytes = 0;
    this.#head = undefined;
    if (head === undefined) this.#onLine(line);
    else this.#onOversize(oversize);
  }
}

function lastOf(tail: Buffer, piece: Buffer): Buffer {
  return Buffer.from(Buffer.concat([tail, piece.subarray(-ENDS)]).subarray(-ENDS));
}
