import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/client';
import { YonderError } from '../../protocol/errors.ts';
import type { CommandResult } from '../../protocol/runner.ts';
import type { CommandHandle } from '../../protocol/workspace.ts';
import { LineReader, type OversizeLine } from './line-reader.ts';

/** Most bytes of one message of a server. */
export const LARGEST_MESSAGE = 16 * 1024 * 1024;
/** How long a server may take to end by itself once its stdin has ended. Milliseconds. */
const GRACE = 500;
/** Characters of what it said that are kept for messages. */
const KEPT = 2_000;

/** How a server ended. */
export interface StdioEnd {
  result: CommandResult;
  /** The last of what it wrote to stderr, and the first of its lines on stdout that was no message. */
  stderr: string;
  stray: string | undefined;
}

/** MCP over the stdin and stdout of a command of the workspace: one JSON message a line. */
export class StdioTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  readonly #launch: () => Promise<CommandHandle>;
  #handle: CommandHandle | undefined;
  #reading: Promise<void> = Promise.resolve();
  #stderr = '';
  #stray: string | undefined;
  #end: StdioEnd | undefined;
  #isClosed = false;

  constructor(launch: () => Promise<CommandHandle>) {
    this.#launch = launch;
  }

  /** How the server ended; undefined while it runs. */
  get end(): StdioEnd | undefined {
    return this.#end;
  }

  /** What it said beside its messages, in words for a person; empty where it said nothing. */
  get said(): string {
    const stderr = this.#stderr.trim();
    return [
      ...(this.#stray === undefined ? [] : [`it printed text that is no MCP message: ${this.#stray}`]),
      ...(stderr === '' ? [] : [`its stderr: ${stderr}`]),
    ].join('; ');
  }

  /** The first of its lines that was no message. */
  get stray(): string | undefined {
    return this.#stray;
  }

  async start(): Promise<void> {
    this.#handle = await this.#launch();
    this.#reading = this.#read(this.#handle);
  }

  async send(message: JSONRPCMessage): Promise<void> {
    const stdin = this.#handle?.stdin;
    if (stdin === undefined || this.#end !== undefined)
      throw new YonderError('tool_failed', 'the MCP server is not running');
    try {
      await stdin.write(`${JSON.stringify(message)}\n`);
    } catch (thrown) {
      // Whoever reads no more is mostly about to end, and how it ended says more.
      await Promise.race([this.#reading, new Promise((resolve) => setTimeout(resolve, GRACE))]);
      throw thrown;
    }
  }

  /** Ends stdin, then, where the server goes on for all that, its whole tree. */
  async close(): Promise<void> {
    const handle = this.#handle;
    if (handle === undefined || this.#isClosed) return;
    this.#isClosed = true;
    let timer: NodeJS.Timeout | undefined;
    const grace = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), GRACE);
    });
    try {
      void handle.stdin?.end();
      if ((await Promise.race([handle.result, grace])) === 'late') await handle.cancel();
    } finally {
      clearTimeout(timer);
    }
    await handle.result;
    this.onclose?.();
  }

  async #read(handle: CommandHandle): Promise<void> {
    const lines = new LineReader(
      LARGEST_MESSAGE,
      (line) => this.#onLine(line),
      (line) => this.#onOversize(line),
    );
    const decoder = new TextDecoder();
    try {
      for await (const { stream, bytes } of handle.output) {
        if (stream === 'stdout') lines.add(bytes);
        else this.#stderr = (this.#stderr + decoder.decode(bytes, { stream: true })).slice(-KEPT);
      }
      const result = await handle.result;
      this.#end = { result, stderr: this.#stderr.trim(), stray: this.#stray };
    } catch (thrown) {
      this.onerror?.(thrown instanceof Error ? thrown : new Error(String(thrown)));
    }
    if (!this.#isClosed) this.onclose?.();
  }

  #onLine(line: string): void {
    if (line.trim() === '') return;
    let message: unknown;
    try {
      message = JSON.parse(line);
    } catch {
      this.#stray ??= line.slice(0, 200);
      return;
    }
    if (typeof message === 'object' && message !== null && 'jsonrpc' in message)
      this.onmessage?.(message as JSONRPCMessage);
    else this.#stray ??= line.slice(0, 200);
  }

  /** Whoever waits for it is answered in the server's place. */
  #onOversize(line: OversizeLine): void {
    const id = idOf(line);
    const message = `the server's answer has ${line.bytes} bytes; one may have ${LARGEST_MESSAGE}`;
    if (id === undefined) this.onerror?.(new Error(message));
    else this.onmessage?.({ jsonrpc: '2.0', id, error: { code: TOO_LARGE, message } });
  }
}

const TOO_LARGE = -32_000;

/** The id of an answer, which stands at one of its ends; ours are numbers. */
function idOf({ head, tail }: OversizeLine): number | undefined {
  const found =
    /^\{\s*"jsonrpc"\s*:\s*"2\.0"\s*,\s*"id"\s*:\s*(\d+)/.exec(head) ??
    /^\{\s*"id"\s*:\s*(\d+)/.exec(head) ??
    /"id"\s*:\s*(\d+)\s*(?:,\s*"jsonrpc"\s*:\s*"2\.0"\s*)?\}\s*$/.exec(tail);
  return found === null ? undefined : Number(found[1]);
}
