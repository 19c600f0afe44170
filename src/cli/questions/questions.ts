import type { Runtime } from '../../protocol/backend.ts';
import type { EventOf, WireEvent, YonderEvent } from '../../protocol/events/events.ts';
import { toYonderError } from '../../protocol/errors.ts';
import type { PendingInteraction } from '../../protocol/interaction.ts';
import { readEvent } from '../render/read-event.ts';
import { changing } from '../request-context.ts';
import { askLine } from '../terminal/ask.ts';
import type { Io } from '../terminal/io.ts';
import type { Output } from '../terminal/output.ts';
import type { Style } from '../terminal/style.ts';
import { type Answer, approvalText, readApproval } from './approval.ts';

export interface QuestionOptions {
  runtime: Runtime;
  io: Io;
  output: Output;
  style: Style;
  onInterrupt(): void;
  /** Stores the rule of "always here" on this machine. */
  remember(rule: string): Promise<void>;
  /** Ends an open line of text before a question. */
  settle(): Promise<void>;
}

type Question = EventOf<'tool_call_confirmation'> | EventOf<'max_iterations_reached'>;

/** Asks a person on the terminal, one question after the other, while the events go on; a question that somebody else answered is withdrawn. */
export class Questions {
  readonly #options: QuestionOptions;
  readonly #open = new Map<string, AbortController>();
  #queue: Promise<void> = Promise.resolve();

  constructor(options: QuestionOptions) {
    this.#options = options;
  }

  /** Looks at an event: a question is put in line, an answer takes one out of it. */
  take(wire: WireEvent): void {
    if (wire.seq === undefined) return;
    const event = readEvent(wire);
    if (event !== undefined) this.#take(event);
  }

  /** Questions that stood before this process looked. */
  takePending(pending: readonly PendingInteraction[]): void {
    for (const { event } of pending) this.#take(event as unknown as YonderEvent);
  }

  /** Withdraws all that is open; resolves when nothing is asked any more. */
  async close(): Promise<void> {
    for (const controller of this.#open.values()) controller.abort();
    await this.#queue;
  }

  #take(event: YonderEvent): void {
    if (event.type === 'interaction_resolved') this.#open.get(event.request_id)?.abort();
    if (event.type !== 'tool_call_confirmation' && event.type !== 'max_iterations_reached') return;
    const { request_id } = event;
    if (request_id === undefined || this.#open.has(request_id)) return;
    const controller = new AbortController();
    this.#open.set(request_id, controller);
    this.#queue = this.#queue.then(() => this.#ask(event, request_id, controller.signal));
  }

  async #ask(event: Question, request_id: string, signal: AbortSignal): Promise<void> {
    const { runtime, output, settle } = this.#options;
    try {
      if (signal.aborted) return;
      await settle();
      const answer =
        event.type === 'tool_call_confirmation'
          ? await this.#approval(event, signal)
          : await this.#goOn(event, signal);
      if (answer === undefined || signal.aborted) return;
      await runtime.answer(changing(), { request_id, ...answer });
      const offer =
        event.type === 'tool_call_confirmation'
          ? event.rule_offers?.find(({ rule }) => rule === answer.rule)
          : undefined;
      if (offer?.kind === 'approve_tool') await this.#options.remember(offer.rule);
    } catch (thrown) {
      const error = toYonderError(thrown);
      // Somebody else was faster: their answer counts, and the log says so.
      if (error.code !== 'already_resolved') output.note(`the answer was not taken: ${error.message}`);
    } finally {
      this.#open.delete(request_id);
    }
  }

  async #approval(
    event: EventOf<'tool_call_confirmation'>,
    signal: AbortSignal,
  ): Promise<Answer | undefined> {
    const { output, style } = this.#options;
    output.note(approvalText(event, style));
    for (;;) {
      const line = await this.#line('> ', signal);
      if (line === undefined) return undefined;
      const answer = readApproval(line, event.rule_offers ?? []);
      if (answer !== undefined) return answer;
      output.note('answer with one of the letters in brackets; a reason may follow "n"');
    }
  }

  async #goOn(event: EventOf<'max_iterations_reached'>, signal: AbortSignal): Promise<Answer | undefined> {
    const prompt = `${event.max_iterations} model calls were made. Go on? [y]es, [n]o > `;
    for (;;) {
      const line = await this.#line(prompt, signal);
      if (line === undefined) return undefined;
      const key = line.trim().slice(0, 1).toLowerCase();
      if (key === 'y') return { decision: 'continue' };
      if (key === 'n') return { decision: 'stop' };
    }
  }

  #line(prompt: string, signal: AbortSignal): Promise<string | undefined> {
    const { io, output, onInterrupt } = this.#options;
    return askLine(io, output, prompt, { signal, onInterrupt });
  }
}
