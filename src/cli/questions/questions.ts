import type { Runtime } from '../../protocol/backend.ts';
import type { WireEvent, YonderEvent } from '../../protocol/events/events.ts';
import { toYonderError } from '../../protocol/errors.ts';
import type { PendingInteraction } from '../../protocol/interaction.ts';
import { readEvent } from '../render/read-event.ts';
import { changing } from '../request-context.ts';
import type { Io } from '../terminal/io.ts';
import type { Style } from '../terminal/style.ts';
import { askPerson } from './ask-person.ts';
import type { Prompter } from './prompter.ts';
import { type Answer, type Question, questionOf } from './question.ts';

export interface QuestionOptions {
  prompter: Prompter;
  style: Style;
  /** For the person's browser. */
  env: Io['env'];
  /** The session whose questions are asked now. */
  runtime(): Runtime;
  /** Stores the rule of "always here" on this machine. */
  remember(rule: string): Promise<void>;
}

/** Asks a person, one question after the other, while the events go on; a question that somebody else answered is withdrawn. */
export class Questions {
  readonly #options: QuestionOptions;
  readonly #open = new Map<string, AbortController>();
  /** Answers of others to open questions, in words. */
  readonly #elsewhere = new Map<string, string>();
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
    if (event.type === 'interaction_resolved') this.#withdraw(event);
    const question = questionOf(event);
    if (question === undefined || this.#open.has(question.request_id)) return;
    const controller = new AbortController();
    this.#open.set(question.request_id, controller);
    this.#queue = this.#queue.then(() => this.#ask(question, controller.signal));
  }

  #withdraw(event: Extract<YonderEvent, { type: 'interaction_resolved' }>): void {
    const controller = this.#open.get(event.request_id);
    if (controller === undefined) return;
    if (event.outcome === 'answered') this.#elsewhere.set(event.request_id, answeredWords(event));
    controller.abort();
  }

  async #ask(question: Question & { request_id: string }, signal: AbortSignal): Promise<void> {
    const { prompter, style } = this.#options;
    try {
      while (!signal.aborted) {
        await prompter.settle();
        const place = { runtime: this.#options.runtime(), env: this.#options.env };
        const answer = await askPerson(question, prompter, style, signal, place);
        if (answer === undefined || signal.aborted) {
          const words = this.#elsewhere.get(question.request_id);
          if (words !== undefined) prompter.note(words);
          return;
        }
        if (await this.#answer(question, answer)) return;
      }
    } catch (thrown) {
      const error = toYonderError(thrown);
      // Somebody else was faster: their answer counts.
      const wasFirst = error.code !== 'already_resolved';
      prompter.note(
        wasFirst ? `the answer was not taken: ${error.message}` : answeredWords(error.details ?? {}),
      );
    } finally {
      this.#elsewhere.delete(question.request_id);
      this.#open.delete(question.request_id);
    }
  }

  /** False for an answer that did not fit: the question still stands and is asked again. */
  async #answer(question: Question & { request_id: string }, answer: Answer): Promise<boolean> {
    const { prompter, runtime, remember } = this.#options;
    try {
      await runtime().answer(changing(), { request_id: question.request_id, ...answer });
    } catch (thrown) {
      const error = toYonderError(thrown);
      if (error.code !== 'invalid_request') throw thrown;
      prompter.note(`the answer was not taken: ${error.message}`);
      return false;
    }
    const offers = question.type === 'tool_call_confirmation' ? (question.rule_offers ?? []) : [];
    const offer = offers.find(({ rule }) => rule === answer.rule);
    if (offer?.kind === 'approve_tool') await remember(offer.rule);
    return true;
  }
}

/** Who answered, and what, as far as it is said. */
function answeredWords(said: { by?: unknown; answer?: unknown }): string {
  const decision =
    typeof said.answer === 'object' && said.answer !== null && 'decision' in said.answer
      ? `: ${String(said.answer.decision)}`
      : '';
  return `answered elsewhere${typeof said.by === 'string' ? `, by ${said.by}` : ''}${decision}`;
}
