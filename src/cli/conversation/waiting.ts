import type { YonderEvent } from '../../protocol/events/events.ts';
import type { Status } from '../render/status.ts';
import type { Calls } from './calls.ts';

/** What a run waits for, and what it has used, read from its events. */
export class Waiting {
  readonly #usage = new Map<string, { input_tokens: number; output_tokens: number }>();
  readonly #questions = new Set<string>();
  readonly #queued = new Set<string>();
  #model = '';
  #connection = '';
  #isPaused = false;
  #isCompacting = false;

  /** A run begins: what stood open in the last one is over. */
  begin(): void {
    this.#questions.clear();
    this.#queued.clear();
    this.#model = '';
    this.#connection = '';
    this.#isCompacting = false;
  }

  /** How it stood before this conversation looked. */
  wasPaused(isPaused: boolean): void {
    this.#isPaused = isPaused;
  }

  queue(input_id: string): void {
    this.#queued.add(input_id);
  }

  take(event: YonderEvent): void {
    switch (event.type) {
      case 'model_call':
        this.#model = event.model;
        return;
      case 'token_usage':
        this.#usage.set(event.session_id, event.usage);
        return;
      case 'message_added':
        if (event.message?.role === 'assistant') this.#model = '';
        return;
      case 'user_message':
        if (event.input_id !== undefined) this.#queued.delete(event.input_id);
        return;
      case 'tool_call_confirmation':
      case 'max_iterations_reached':
      case 'authorization_event':
      case 'elicitation_request':
        if (event.request_id !== undefined) this.#questions.add(event.request_id);
        return;
      case 'interaction_resolved':
        this.#questions.delete(event.request_id);
        return;
      case 'runtime_paused':
        this.#isPaused = event.paused;
        return;
      case 'session_compaction':
        this.#isCompacting = event.status === 'started';
        return;
      case 'connection_lost':
        this.#connection = 'the connection';
        return;
      case 'connection_restored':
        this.#connection = '';
        return;
      default:
    }
  }

  status(calls: Calls): Omit<Status, 'elapsed'> {
    const totals = [...this.#usage.values()];
    return {
      input_tokens: totals.reduce((sum, usage) => sum + usage.input_tokens, 0),
      output_tokens: totals.reduce((sum, usage) => sum + usage.output_tokens, 0),
      waitsFor: this.#waitsFor(calls),
      queued: this.#queued.size,
    };
  }

  /** What holds it up most comes first. */
  #waitsFor(calls: Calls): string {
    if (this.#connection !== '') return this.#connection;
    if (this.#questions.size > 0) return 'your answer';
    if (this.#isPaused) return '/pause to go on';
    const tools = calls.workingNames();
    if (tools.length > 0) return [...new Set(tools)].join(', ');
    if (this.#isCompacting) return 'a summary';
    return this.#model;
  }
}
