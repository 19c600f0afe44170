import type { EventOf } from '../../protocol/events/events.ts';
import type { ToolCall } from '../../protocol/message.ts';
import { diffIn } from '../render/diff.ts';
import { fold } from '../render/fold.ts';
import { seconds } from '../render/status.ts';
import { callSummary, elapsed } from '../render/tool-line.ts';
import { oneLine, printable, type Style } from '../terminal/style.ts';

/** Numbers that `/show` knows; the oldest are forgotten first. */
const REMEMBERED = 500;
const SUMMARY = 80;

interface Working {
  call: ToolCall;
  who: string;
  /** When it began to act; undefined while it is being decided. */
  since: number | undefined;
  /** The last line that it wrote. */
  lastLine: string;
}

interface Result {
  summary: string;
  body: string[];
}

const NO_RESULT: Result = { summary: '', body: [] };

export interface CallOptions {
  style: Style;
  hideResults: boolean;
  now(): number;
}

/** The tool calls of a conversation: what works now, and a line with a number for what is done. */
export class Calls {
  readonly #options: CallOptions;
  readonly #working = new Map<string, Working>();
  readonly #numbers = new Map<number, string>();
  readonly #diffsShown = new Set<string>();
  #count = 0;

  constructor(options: CallOptions) {
    this.#options = options;
  }

  /** The call of a number, or of the last one; undefined where there is none. */
  idOf(number: number | 'last'): string | undefined {
    return this.#numbers.get(number === 'last' ? this.#count : number);
  }

  asked(event: EventOf<'tool_call'>, who: string): void {
    this.#working.set(event.tool_call.id, { call: event.tool_call, who, since: undefined, lastLine: '' });
  }

  /** Its diff has been shown with the question. */
  diffShown(id: string): void {
    this.#diffsShown.add(id);
  }

  started(id: string): void {
    const working = this.#working.get(id);
    if (working !== undefined) working.since = this.#options.now();
  }

  wrote({ tool_call_id, output }: EventOf<'tool_call_output'>): void {
    const working = this.#working.get(tool_call_id);
    const line = printable(output).trimEnd().split('\n').at(-1) ?? '';
    if (working !== undefined && line.trim() !== '') working.lastLine = line;
  }

  /** What works now, one line each. */
  workingLines(): string[] {
    const { style, now } = this.#options;
    return [...this.#working.values()]
      .filter(({ since }) => since !== undefined)
      .map(({ call, who, since, lastLine }) => {
        const time = seconds(now() - (since ?? 0));
        const line = lastLine === '' ? '' : ` · ${oneLine(lastLine, 60)}`;
        return `${style('cyan', '●')} ${head(call, who, style)}${style('dim', ` (${time})${line}`)}`;
      });
  }

  /** The names of what works now. */
  workingNames(): string[] {
    return [...this.#working.values()]
      .filter(({ since }) => since !== undefined)
      .map(({ call }) => call.function.name);
  }

  /** A run is over: nothing works any more. */
  clear(): void {
    this.#working.clear();
    this.#diffsShown.clear();
  }

  /** The line of a call that has its result, and what is shown of that below it. */
  done(event: EventOf<'tool_call_response'>): string[] {
    const { style, hideResults } = this.#options;
    const working = this.#working.get(event.tool_call_id);
    this.#working.delete(event.tool_call_id);
    const number = this.#remember(event.tool_call_id);
    const outcome = event.outcome ?? 'done';
    const failed = outcome !== 'done' || event.result?.isError === true;
    const call = working?.call ?? unknownCall(event);
    const time = event.duration_ms === undefined ? '' : ` (${elapsed(event.duration_ms)})`;
    const words = outcome === 'done' ? (failed ? 'failed' : '') : outcome.replace('_', ' ');
    const { summary, body } = hideResults
      ? NO_RESULT
      : this.#result(event, call.function.name, number, failed);
    const tail = [`#${number}`, ...[words, summary].filter((part) => part !== '')].join(' · ');
    const mark = failed ? style('red', '✗') : style('green', '✓');
    return [`${mark} ${head(call, working?.who ?? '', style)}${time}${style('dim', ` ${tail}`)}`, ...body];
  }

  /** In a few words on the call's own line, or as lines below it. */
  #result(event: EventOf<'tool_call_response'>, name: string, number: number, failed: boolean): Result {
    const { style } = this.#options;
    const how = `/show ${number}`;
    const diff = name === 'edit_file' ? diffIn(event.response, style) : undefined;
    if (diff !== undefined) {
      if (this.#diffsShown.has(event.tool_call_id)) return NO_RESULT;
      return { summary: '', body: fold(diff, { head: 40, tail: 0, how, style }).map((line) => `  ${line}`) };
    }
    const lines = printable(event.response).trimEnd().split('\n');
    if (lines.length < 2 || (name !== 'shell' && !failed))
      return { summary: oneLine(event.response, SUMMARY), body: [] };
    const body = fold(lines, { head: 6, tail: 4, how, style }).map((line) =>
      style('dim', `  ${shortened(line)}`),
    );
    return { summary: '', body };
  }

  #remember(id: string): number {
    this.#count += 1;
    this.#numbers.set(this.#count, id);
    this.#numbers.delete(this.#count - REMEMBERED);
    return this.#count;
  }
}

function head(call: ToolCall, who: string, style: Style): string {
  const about = callSummary(call.function.arguments, SUMMARY);
  return `${who === '' ? '' : `${who}: `}${style('bold', call.function.name)} ${about}`.trimEnd();
}

/** A call that was asked for before this conversation looked. */
function unknownCall(event: EventOf<'tool_call_response'>): ToolCall {
  return {
    id: event.tool_call_id,
    type: 'function',
    function: { name: event.tool_definition?.name ?? 'tool', arguments: '' },
  };
}

/** A line of output keeps its blanks, up to a length that a terminal can still show. */
function shortened(line: string): string {
  return line.length > 400 ? `${line.slice(0, 399)}…` : line;
}
