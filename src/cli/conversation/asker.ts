import type { Runtime } from '../../protocol/backend.ts';
import { toYonderError } from '../../protocol/errors.ts';
import type { EventOf, WireEvent, YonderEvent } from '../../protocol/events/events.ts';
import type { PendingInteraction } from '../../protocol/interaction.ts';
import { type Answer, approvalText, readApproval } from '../questions/approval.ts';
import { readEvent } from '../render/read-event.ts';
import { changing } from '../request-context.ts';
import type { Style } from '../terminal/style.ts';
import type { Editor } from './editor.ts';
import type { Screen } from './screen.ts';

export interface AskerOptions {
  screen: Screen;
  editor: Editor;
  style: Style;
  /** The session that is talked to now. */
  runtime(): Runtime;
  /** Ends an open line of text before a question. */
  settle(): Promise<void>;
  onInterrupt(): void;
  onEnd(): void;
  /** Stores the rule of "always this here" on this machine. */
  remember(rule: string): Promise<void>;
}

type Question = EventOf<'tool_call_confirmation'> | EventOf<'max_iterations_reached'>;

/** Puts a run's questions to the person, one after the other, on the line where they type; what they were typing comes back after it. */
export class Asker {
  readonly #options: AskerOptions;
  readonly #open = new Map<string, AbortController>();
  #queue: Promise<void> = Promise.resolve();

  constructor(options: AskerOptions) {
    this.#options = options;
  }

  /** Looks at an event: a question is put in line; one that somebody else answered is withdrawn. */
  take(wire: WireEvent): void {
    if (wire.seq === undefined) return;
    const event = readEvent(wire);
    if (event !== undefined) this.#take(event);
  }

  /** Questions that stood before this conversation looked. */
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
    try {
      if (signal.aborted) return;
      await this.#options.settle();
      const answer =
        event.type === 'tool_call_confirmation'
          ? await this.#approval(event, signal)
          : await this.#goOn(event, signal);
      if (answer === undefined || signal.aborted) return;
      await this.#options.runtime().answer(changing(), { request_id, ...answer });
      const offers = event.type === 'tool_call_confirmation' ? (event.rule_offers ?? []) : [];
      const offer = offers.find(({ rule }) => rule === answer.rule);
      if (offer?.kind === 'approve_tool') await this.#options.remember(offer.rule);
    } catch (thrown) {
      const error = toYonderError(thrown);
      // Somebody else was faster: their answer counts, and the log says so.
      if (error.code !== 'already_resolved')
        this.#options.screen.note(`the answer was not taken: ${error.message}`);
    } finally {
      this.#open.delete(request_id);
    }
  }

  #approval(event: EventOf<'tool_call_confirmation'>, signal: AbortSignal): Promise<Answer | undefined> {
    const { screen, style } = this.#options;
    for (const line of approvalText(event, style).split('\n')) screen.note(line);
    const hint = 'answer with one of the letters in brackets; a reason may follow "n"';
    return this.#answer(signal, hint, (line) => readApproval(line, event.rule_offers ?? []));
  }

  #goOn(event: EventOf<'max_iterations_reached'>, signal: AbortSignal): Promise<Answer | undefined> {
    this.#options.screen.note(`${event.max_iterations} model calls were made. Go on?\n[y]es, [n]o`);
    return this.#answer(signal, 'answer with y or n', (line) => {
      const key = line.trim().toLowerCase();
      if (key === 'y' || key === 'yes') return { decision: 'continue' };
      return key === 'n' || key === 'no' ? { decision: 'stop' } : undefined;
    });
  }

  /** The first line that is an answer; undefined when the question is withdrawn. */
  async #answer(
    signal: AbortSignal,
    hint: string,
    read: (line: string) => Answer | undefined,
  ): Promise<Answer | undefined> {
    const { screen, editor, onInterrupt, onEnd } = this.#options;
    const { promise, resolve } = Promise.withResolvers<Answer | undefined>();
    const withdraw = (): void => resolve(undefined);
    const back = editor.push({
      prompt: '? ',
      interrupt: onInterrupt,
      end: onEnd,
      line: (line) => {
        screen.echo(`? ${line}`);
        const answer = read(line);
        if (answer === undefined) {
          screen.note(hint);
          screen.ask('? ');
        } else resolve(answer);
      },
    });
    screen.ask('? ');
    signal.addEventListener('abort', withdraw, { once: true });
    try {
      return await promise;
    } finally {
      signal.removeEventListener('abort', withdraw);
      back();
    }
  }
}
