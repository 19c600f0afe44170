import type { ToolDefinition } from '../protocol/message.ts';
import type { ResolvedModel } from '../protocol/team.ts';

export interface WrittenCall {
  name: string;
  /** JSON text of an object. */
  arguments: string;
}

const OPEN = '<tool_call>';
const CLOSE = '</tool_call>';
const FENCE = /^\s{0,3}(```|~~~)/;
const FENCE_LENGTH = 6;

/** Servers of open models, whose templates may leave a call as text. The others' own models call tools by the API alone. */
export function mayWriteCalls(model: ResolvedModel): boolean {
  const native = model.provider === 'openai' && model.base_url === undefined;
  return model.api === 'openai_chatcompletions' && !native;
}

function mapping(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // no JSON: then it is no call of this form
  }
}

/** `<function=NAME><parameter=KEY>value</parameter></function>`; a value is JSON where the tool wants something else than a text. */
function ofTags(body: string, tools: ReadonlyMap<string, ToolDefinition>): WrittenCall | undefined {
  const [, name = '', inner = ''] = /^<function=([^>\s]+)>(.*)<\/function>$/s.exec(body) ?? [];
  const tool = tools.get(name);
  if (tool === undefined) return undefined;
  const properties = mapping(tool.parameters['properties']) ?? {};
  const values: Record<string, unknown> = {};
  for (const [, key = '', text = ''] of inner.matchAll(/<parameter=([^>\s]+)>\n?(.*?)\n?<\/parameter>/gs)) {
    const isText = mapping(properties[key])?.['type'] === 'string';
    values[key] = isText ? text : (parsed(text) ?? text);
  }
  return { name, arguments: JSON.stringify(values) };
}

/** What stands between the marks, as a call of one of these tools; undefined where it is none. */
function callOf(body: string, tools: ReadonlyMap<string, ToolDefinition>): WrittenCall | undefined {
  const outer = mapping(parsed(body));
  if (outer === undefined) return ofTags(body, tools);
  const said = mapping(outer['function']) ?? outer;
  const name = said['name'];
  if (typeof name !== 'string' || !tools.has(name)) return undefined;
  const given = said['arguments'] ?? said['parameters'] ?? {};
  const values = mapping(typeof given === 'string' ? parsed(given) : given);
  return values === undefined ? undefined : { name, arguments: JSON.stringify(values) };
}

/**
 * Finds calls that a model wrote as text (`<tool_call>{"name": ..., "arguments": {...}}</tool_call>`): at the beginning of a line, outside of code
 * fences, of a tool that it has. Everything else passes at once; from the first call on all is held until the end, because native
 * calls, if any come, make such text mere text.
 */
export class ToolCallText {
  readonly #tools: ReadonlyMap<string, ToolDefinition>;
  /** The line that is coming, and how much of it was let through. */
  #line = '';
  #shown = 0;
  /** May be shown, and was not given yet. */
  #out = '';
  /** The line is no call: it has other text already. */
  #isPlain = false;
  #inFence = false;
  /** From an opening mark on. */
  #block: string | undefined;
  #calls: WrittenCall[] = [];
  /** Since the first call: as it came, and without the calls. */
  #raw = '';
  #rest = '';

  constructor(tools: readonly ToolDefinition[]) {
    this.#tools = new Map(tools.map((tool) => [tool.name, tool]));
  }

  /** Takes text in and gives what may be shown of it. */
  push(delta: string): string {
    for (const piece of delta.split(/(?<=\n)/)) this.#take(piece);
    return this.#shownSoFar();
  }

  /** The answer is over: what was held, and the calls. @param native calls came by the API */
  end(native: boolean): { text: string; calls: WrittenCall[] } {
    if (!this.#isPlain) this.#emit(this.#line.slice(this.#shown));
    if (this.#block !== undefined) this.#close(this.#block, this.#block.length);
    const shown = this.#shownSoFar();
    if (native) return { text: shown + this.#raw, calls: [] };
    return { text: shown + this.#rest.trimEnd(), calls: this.#calls };
  }

  #shownSoFar(): string {
    const shown = this.#out;
    this.#out = '';
    return shown;
  }

  #emit(text: string): void {
    if (this.#calls.length === 0) this.#out += text;
    else {
      this.#raw += text;
      this.#rest += text;
    }
  }

  #take(piece: string): void {
    if (this.#block !== undefined) {
      this.#continue(piece);
      return;
    }
    if (this.#isPlain) {
      // Its beginning says whether it is a fence; the rest of a long line is not looked at again.
      if (this.#line.length < FENCE_LENGTH) this.#line += piece;
      this.#emit(piece);
      if (piece.endsWith('\n')) this.#endLine();
      return;
    }
    this.#line += piece;
    const start = this.#line.trimStart();
    if (!this.#inFence && start.startsWith(OPEN)) {
      this.#emit(this.#line.slice(this.#shown, this.#line.length - start.length));
      this.#endLine();
      this.#continue(start);
      return;
    }
    if (!this.#inFence && start !== '' && OPEN.startsWith(start)) return;
    this.#emit(this.#line.slice(this.#shown));
    this.#shown = this.#line.length;
    this.#isPlain = start !== '';
    if (piece.endsWith('\n')) this.#endLine();
  }

  #endLine(): void {
    if (FENCE.test(this.#line)) this.#inFence = !this.#inFence;
    this.#isPlain = false;
    this.#line = '';
    this.#shown = 0;
  }

  #continue(piece: string): void {
    const block = (this.#block ?? '') + piece;
    this.#block = block;
    const end = block.indexOf(CLOSE);
    if (end === -1) return;
    const whole = end + CLOSE.length;
    this.#close(block.slice(0, whole), end);
    this.#block = undefined;
    if (block.length > whole) this.#take(block.slice(whole));
  }

  /** Keeps a block that is a call, and gives one that is none back as text. @param end where its content ends */
  #close(block: string, end: number): void {
    const call = callOf(block.slice(OPEN.length, end).trim(), this.#tools);
    if (call === undefined) {
      this.#emit(block);
      return;
    }
    this.#calls.push(call);
    this.#raw += block;
  }
}
