import type { EventOf, WireEvent, YonderEvent } from '../../protocol/events/events.ts';
import { MarkdownStream } from '../render/markdown.ts';
import { readEvent } from '../render/read-event.ts';
import type { Renderer } from '../render/renderer.ts';
import { ShownText } from '../render/shown-text.ts';
import { statusLine } from '../render/status.ts';
import { oneLine, type Style } from '../terminal/style.ts';
import { Calls } from './calls.ts';
import { eventLine } from '../render/event-line.ts';
import type { Screen } from './screen.ts';
import { isQueued } from './steers.ts';
import { Reasoning } from './reasoning.ts';
import { Waiting } from './waiting.ts';

export interface ViewOptions {
  screen: Screen;
  /** For the assistant's text on stdout, and for all else on stderr. */
  textStyle: Style;
  style: Style;
  hideCalls: boolean;
  hideResults: boolean;
  /** Milliseconds. */
  now(): number;
}

const TICK_MS = 120;

/** Shows the runs of a conversation on its screen: text as markdown, a line per call, a status while it works. */
export class View implements Renderer {
  readonly calls: Calls;
  readonly #options: ViewOptions;
  readonly #markdown: MarkdownStream;
  readonly #text = new ShownText();
  readonly #waiting = new Waiting();
  readonly #reasoning: Reasoning;
  readonly #sent = new Set<string>();
  #session_id = '';
  #since = 0;
  #ticking: NodeJS.Timeout | undefined;

  constructor(options: ViewOptions) {
    this.#options = options;
    const { screen, style, textStyle, hideResults, now } = options;
    this.calls = new Calls({ style, hideResults, now });
    this.#reasoning = new Reasoning(screen.width, style);
    this.#markdown = new MarkdownStream({ style: textStyle, width: screen.width });
  }

  begin(session_id: string, isPaused = false): void {
    this.#session_id = session_id;
    this.#waiting.wasPaused(isPaused);
  }

  /** A run begins: the status is drawn until `stop`. */
  start(): void {
    this.#since = this.#options.now();
    this.#waiting.begin();
    clearInterval(this.#ticking);
    this.#ticking = setInterval(() => this.#status(), TICK_MS);
    this.#status();
  }

  /** The run is over, or is looked at no longer. */
  async stop(): Promise<void> {
    clearInterval(this.#ticking);
    this.#ticking = undefined;
    await this.settle();
    this.calls.clear();
    this.#options.screen.show({ calls: [], status: [] });
  }

  /** An input of this conversation: its text stands on the screen already. `queued` ones wait for the model. */
  sent(input_id: string, queued: boolean): void {
    this.#sent.add(input_id);
    if (queued) this.#waiting.queue(input_id);
  }

  settle(): Promise<void> {
    return this.#options.screen.text(this.#markdown.end(), { pending: [] });
  }

  /** A whole text as markdown, on stderr: what is no answer of the model. */
  note(text: string): void {
    const { style, screen } = this.#options;
    const markdown = new MarkdownStream({ style, width: screen.width });
    for (const line of [...markdown.push(text), ...markdown.end()]) screen.note(line);
  }

  async event(wire: WireEvent): Promise<void> {
    const event = readEvent(wire);
    if (event === undefined) return;
    if (event.type === 'agent_choice') return this.#preview(event);
    if (event.type === 'agent_choice_reasoning') return this.#thinks(event);
    this.#waiting.take(event);
    if (event.type === 'message_added') return this.#message(event);
    await this.#other(event);
  }

  #thinks(event: EventOf<'agent_choice_reasoning'>): void {
    if (event.session_id !== this.#session_id) return;
    this.#options.screen.show({ pending: this.#reasoning.preview(event) });
  }

  /** Thought is over when something else begins. */
  #thought(lines: readonly string[]): void {
    if (lines.length === 0) return;
    this.#options.screen.show({ pending: [] });
    for (const line of lines) this.#options.screen.note(line);
  }

  async #preview(event: EventOf<'agent_choice'>): Promise<void> {
    if (event.session_id !== this.#session_id) return;
    this.#thought(this.#reasoning.end());
    const { text, voided } = this.#text.preview(event);
    if (voided) {
      await this.settle();
      this.#options.screen.note(
        this.#options.style('yellow', 'the model is asked again; what it wrote so far does not count'),
      );
    }
    await this.#write(text);
  }

  async #message({ message, session_id, agent_name }: EventOf<'message_added'>): Promise<void> {
    if (message?.role !== 'assistant') return;
    if (session_id === this.#session_id) {
      this.#thought(this.#reasoning.whole(message));
      await this.#write(this.#text.whole(message));
      return this.settle();
    }
    if (message.content !== '')
      await this.#line(
        this.#options.style('dim', `${agent_name ?? 'sub-agent'}: ${oneLine(message.content, 200)}`),
      );
  }

  async #write(text: string): Promise<void> {
    if (text === '') return;
    const lines = this.#markdown.push(text);
    await this.#options.screen.text(lines, { pending: this.#markdown.pending() });
  }

  async #other(event: YonderEvent): Promise<void> {
    switch (event.type) {
      case 'user_message':
        await this.#userMessage(event);
        return this.#line(eventLine(event, this.#options.style));
      case 'tool_call':
        this.calls.asked(
          event,
          event.session_id === this.#session_id ? '' : (event.agent_name ?? 'sub-agent'),
        );
        return;
      case 'tool_call_confirmation':
        if ((event.preview ?? '') !== '') this.calls.diffShown(event.tool_call.id);
        return this.#status();
      case 'tool_call_started':
        this.calls.started(event.tool_call_id);
        return this.#status();
      case 'tool_call_output':
        return this.calls.wrote(event);
      case 'tool_call_response':
        return this.#response(event);
      default:
        return this.#line(eventLine(event, this.#options.style));
    }
  }

  async #userMessage(event: EventOf<'user_message'>): Promise<void> {
    if (event.session_id !== this.#session_id || event.source === 'delegate') return;
    const mine = event.input_id !== undefined && this.#sent.delete(event.input_id);
    const { style } = this.#options;
    // Its text may be long, and nobody typed it.
    if (event.skill !== undefined) return;
    if (!mine)
      return this.#line(
        style('cyan', `> ${event.message}`) + style('dim', ` (${event.by ?? 'somebody else'})`),
      );
    if (isQueued(event.source))
      await this.#line(style('dim', `the model has been told: ${oneLine(event.message, 60)}`));
  }

  async #response(event: EventOf<'tool_call_response'>): Promise<void> {
    const lines = this.calls.done(event);
    if (!this.#options.hideCalls) for (const line of lines) await this.#line(line);
    this.#status();
  }

  async #line(line: string | undefined): Promise<void> {
    if (line === undefined) return;
    await this.settle();
    this.#options.screen.note(line);
  }

  #status(): void {
    if (this.#ticking === undefined) return;
    const { screen, style, now } = this.#options;
    const status = { elapsed: now() - this.#since, ...this.#waiting.status(this.calls) };
    screen.show({
      calls: this.#options.hideCalls ? [] : this.calls.workingLines(),
      status: [statusLine(status, screen.width(), style)],
    });
  }
}
