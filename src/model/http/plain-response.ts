/**
 * As much of the fetch standard's Headers and Response as a model call needs. Naming Node's own loads the whole of its network code, a
 * tenth of a short run, beside the one that really sends our requests; and an answer from a cassette needs neither.
 */

type HeaderSource = Iterable<readonly [string, string]> | Readonly<Record<string, string>>;

/** Names in lower case and in order, values of one name joined by `, `, as in the standard. */
export class PlainHeaders implements Iterable<[string, string]> {
  readonly #values = new Map<string, string>();

  constructor(source: HeaderSource = {}) {
    const entries = isIterable(source) ? source : Object.entries(source);
    for (const [name, value] of entries) this.append(name, value);
  }

  append(name: string, value: string): void {
    const before = this.get(name);
    this.#values.set(name.toLowerCase(), (before === null ? '' : `${before}, `) + trimmed(value));
  }

  delete(name: string): void {
    this.#values.delete(name.toLowerCase());
  }

  entries(): IterableIterator<[string, string]> {
    return [...this.#values].toSorted(([left], [right]) => (left < right ? -1 : 1)).values();
  }

  forEach(act: (value: string, name: string) => void): void {
    for (const [name, value] of this) act(value, name);
  }

  get(name: string): string | null {
    return this.#values.get(name.toLowerCase()) ?? null;
  }

  has(name: string): boolean {
    return this.#values.has(name.toLowerCase());
  }

  set(name: string, value: string): void {
    this.#values.set(name.toLowerCase(), trimmed(value));
  }

  [Symbol.iterator](): IterableIterator<[string, string]> {
    return this.entries();
  }
}

/** Blanks round a value are no part of it, those within are. */
const trimmed = (value: string): string => value.replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, '');

function isIterable(source: HeaderSource): source is Iterable<readonly [string, string]> {
  return Symbol.iterator in source;
}

interface ResponseHead {
  status: number;
  statusText?: string;
  headers: Iterable<readonly [string, string]>;
}

class PlainResponse {
  readonly status: number;
  readonly statusText: string;
  readonly headers: PlainHeaders;
  readonly body: ReadableStream<Uint8Array> | null;

  constructor(body: ReadableStream<Uint8Array> | null, head: ResponseHead) {
    this.body = body;
    this.status = head.status;
    this.statusText = head.statusText ?? '';
    this.headers = new PlainHeaders(head.headers);
  }

  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  async bytes(): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    for await (const piece of this.body ?? []) pieces.push(piece);
    return new Uint8Array(Buffer.concat(pieces));
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return (await this.bytes()).slice().buffer;
  }

  async text(): Promise<string> {
    return new TextDecoder().decode(await this.bytes());
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }
}

/** An answer as the provider packages read it: status, headers, and a body that is read once. */
export function responseOf(body: ReadableStream<Uint8Array> | null, head: ResponseHead): Response {
  return new PlainResponse(body, head) as unknown as Response;
}

/** The address that a call of `fetch` names. */
export function addressOf(input: string | URL | Request): string {
  if (typeof input === 'string') return input;
  return input instanceof URL ? input.href : input.url;
}
