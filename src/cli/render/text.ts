import type { EventOf, WireEvent, YonderEvent } from '../../protocol/events/events.ts';
import type { ToolCall } from '../../protocol/message.ts';
import type { Output } from '../terminal/output.ts';
import { oneLine, printable, type Style } from '../terminal/style.ts';
import type { RemoteServer } from '../remote/remote-server.ts';
import { eventLine } from './event-line.ts';
import { readEvent } from './read-event.ts';
import { questionLine } from './question-line.ts';
import type { Renderer } from './renderer.ts';
import { ShownText } from './shown-text.ts';
import { callSummary, elapsed, resultSummary } from './tool-line.ts';

export interface TextOptions {
  output: Output;
  /** For stderr. */
  style: Style;
  hideToolCalls: boolean;
  hideToolResults: boolean;
  /** A person is asked here; else what a run waits for is said as a line. */
  asks: boolean;
  /** stdout is a terminal: what moves a cursor is taken out of the text. */
  onTerminal: boolean;
  /** Where the run is, for what a person is told to type. */
  server?: RemoteServer | undefined;
}

/** The assistant's text to stdout, all else as lines to stderr. */
export class TextRenderer implements Renderer {
  readonly #options: TextOptions;
  readonly #text = new ShownText();
  readonly #calls = new Map<string, ToolCall>();
  #session_id = '';

  constructor(options: TextOptions) {
    this.#options = options;
  }

  begin(session_id: string): void {
    this.#session_id = session_id;
  }

  settle(): Promise<void> {
    return this.#options.output.endLine();
  }

  async event(wire: WireEvent): Promise<void> {
    const event = readEvent(wire);
    if (event === undefined) return;
    if (event.type === 'agent_choice') await this.#preview(event);
    else if (event.type === 'message_added') await this.#message(event);
    else await this.#line(event);
  }

  async #preview(event: EventOf<'agent_choice'>): Promise<void> {
    if (event.session_id !== this.#session_id) return;
    const { text, voided } = this.#text.preview(event);
    if (voided)
      await this.#note(
        this.#options.style('yellow', 'the model is asked again; what it wrote so far does not count'),
      );
    await this.#write(text);
  }

  async #message(event: EventOf<'message_added'>): Promise<void> {
    const { message } = event;
    if (message?.role !== 'assistant') return;
    if (event.session_id !== this.#session_id) {
      if (message.content !== '')
        await this.#note(this.#dim(`${event.agent_name ?? 'sub-agent'}: ${oneLine(message.content, 200)}`));
      return;
    }
    await this.#write(this.#text.whole(message));
    await this.settle();
  }

  #write(text: string): Promise<void> {
    return this.#options.output.text(this.#options.onTerminal ? printable(text) : text);
  }

  async #note(line: string): Promise<void> {
    await this.settle();
    this.#options.output.note(line);
  }

  #dim(text: string): string {
    return this.#options.style('dim', text);
  }

  async #line(event: YonderEvent): Promise<void> {
    const line = this.#lineOf(event);
    if (line !== undefined) await this.#note(line);
  }

  #lineOf(event: YonderEvent): string | undefined {
    const { style } = this.#options;
    switch (event.type) {
      case 'tool_call':
        this.#calls.set(event.tool_call.id, event.tool_call);
        return undefined;
      case 'tool_call_response':
        return this.#options.hideToolCalls ? undefined : this.#callLine(event);
      default:
        return this.#questionLine(event) ?? eventLine(event, style);
    }
  }

  #questionLine(event: YonderEvent): string | undefined {
    const { asks, style } = this.#options;
    return asks ? undefined : questionLine(event, this.#session_id, style, this.#options.server);
  }

  #callLine(event: EventOf<'tool_call_response'>): string {
    const { style, hideToolResults } = this.#options;
    const call = this.#calls.get(event.tool_call_id);
    this.#calls.delete(event.tool_call_id);
    const failed =
      event.result?.isError === true || (event.outcome !== undefined && event.outcome !== 'done');
    const name = call?.function.name ?? event.tool_definition?.name ?? 'tool';
    const who = event.session_id === this.#session_id ? '' : `${event.agent_name ?? 'sub-agent'}: `;
    const time = event.duration_ms === undefined ? '' : ` (${elapsed(event.duration_ms)})`;
    const outcome =
      event.outcome === undefined || event.outcome === 'done'
        ? failed
          ? 'failed'
          : ''
        : event.outcome.replace('_', ' ');
    const result = hideToolResults ? '' : resultSummary(event.response);
    const head = `${failed ? style('red', '✗') : style('green', '✓')} ${who}${style('bold', name)} ${callSummary(call?.function.arguments ?? '')}`;
    const tail = [outcome, result].filter((part) => part !== '').join(': ');
    return `${head.trimEnd()}${time}${tail === '' ? '' : this.#dim(` · ${tail}`)}`;
  }
}
