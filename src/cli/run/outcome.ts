import { relative, resolve } from 'node:path';
import type { EventOf, WireEvent, YonderEvent } from '../../protocol/events/events.ts';
import type { Message, ToolCall } from '../../protocol/message.ts';
import type { RunEnd } from '../exit-code.ts';
import { readEvent } from '../render/read-event.ts';

/** What a command's runs came to, for its closing line, its exit code and `-o`. */
export interface Outcome {
  ends: RunEnd[];
  /** The final answer of the last run that gave one. */
  answer: string | undefined;
  input_tokens: number;
  output_tokens: number;
  cost: number;
  price_unknown: boolean;
  files: Set<string>;
  /** Commands ran, and no snapshot says what they changed. */
  unwatched: boolean;
  /** What the last interrupt cut. */
  cut: string[];
}

const WRITERS = new Set(['write_file', 'edit_file', 'create_directory', 'remove_directory']);

const COMMANDS = new Set(['shell', 'run_background_job']);

/** Folds the events of a command's runs. */
export class OutcomeFold {
  readonly outcome: Outcome = {
    ends: [],
    answer: undefined,
    input_tokens: 0,
    output_tokens: 0,
    cost: 0,
    price_unknown: false,
    files: new Set(),
    unwatched: false,
    cut: [],
  };
  readonly #session_id: string;
  readonly #calls = new Map<string, ToolCall>();
  #errorCode: string | undefined;

  constructor(session_id: string) {
    this.#session_id = session_id;
  }

  /** True when the event ends the run of the session itself, not a child's. */
  take(wire: WireEvent): boolean {
    // Most events are deltas, and nothing of them is kept.
    if (wire.seq === undefined) return false;
    const event = readEvent(wire);
    if (event === undefined) return false;
    const isRoot = 'session_id' in event && event.session_id === this.#session_id;
    if (event.type === 'stream_stopped' && isRoot) {
      this.outcome.ends.push({
        reason: event.reason,
        refused: event.refused ?? 0,
        errorCode: this.#errorCode,
      });
      this.#errorCode = undefined;
      return true;
    }
    this.#fold(event, isRoot);
    return false;
  }

  #fold(event: YonderEvent, isRoot: boolean): void {
    if (event.type === 'error' && isRoot) this.#errorCode = event.code;
    if (event.type === 'message_added' && event.message !== undefined) this.#message(event.message, isRoot);
    if (event.type === 'tool_call') this.#calls.set(event.tool_call.id, event.tool_call);
    if (event.type === 'workspace_snapshot') this.#snapshot(event);
    if (event.type !== 'tool_call_response') return;
    const call = this.#calls.get(event.tool_call_id);
    this.#calls.delete(event.tool_call_id);
    if (call === undefined) return;
    const { name } = call.function;
    if (event.outcome === 'cancelled' || event.outcome === 'not_started') this.outcome.cut.push(name);
    const failed = event.result?.isError === true || (event.outcome ?? 'done') !== 'done';
    if (COMMANDS.has(name) && event.outcome !== 'not_started') this.outcome.unwatched = true;
    const path = WRITERS.has(name) && !failed ? pathOf(call) : undefined;
    if (path !== undefined) this.outcome.files.add(path);
  }

  /** What commands changed is known where snapshots are kept; what the file tools named already is not counted twice. */
  #snapshot({ folder = '', changes = [] }: EventOf<'workspace_snapshot'>): void {
    const { files } = this.outcome;
    const known = new Set([...files].map((path) => relative(folder, resolve(folder, path))));
    for (const { path } of changes) if (!known.has(path)) files.add(path);
  }

  #message(message: Message, isRoot: boolean): void {
    if (message.role !== 'assistant') return;
    this.outcome.input_tokens +=
      (message.usage?.input_tokens ?? 0) + (message.usage?.cached_input_tokens ?? 0);
    this.outcome.output_tokens += message.usage?.output_tokens ?? 0;
    this.outcome.cost += message.cost ?? 0;
    if (message.cost === undefined) this.outcome.price_unknown = true;
    if (isRoot && message.content !== '' && (message.tool_calls ?? []).length === 0)
      this.outcome.answer = message.content;
  }
}

function pathOf(call: ToolCall): string | undefined {
  try {
    const values: unknown = JSON.parse(call.function.arguments);
    const path = typeof values === 'object' && values !== null && 'path' in values ? values.path : undefined;
    return typeof path === 'string' ? path : undefined;
  } catch {
    return undefined; // a call that succeeded with repaired arguments: its path is not worth a guess
  }
}
