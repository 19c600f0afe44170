import { expect } from 'vitest';
import { YonderError, type ErrorCode } from '../../protocol/errors.ts';
import { parseEvent, type WireEvent } from '../../protocol/events/events.ts';
import type { ScriptedTurn } from '../model-server/script.ts';
import type { Event, World, WorldOptions } from './world.ts';

/** Opens the worlds of one test in one arm; the suite closes them all and asks each whether its model was called validly. */
export interface Stage {
  readonly arm: WorldOptions['arm'];
  open(turns?: readonly ScriptedTurn[], options?: Omit<WorldOptions, 'arm' | 'turns'>): Promise<World>;
}

export interface Behaviour {
  (stage: Stage): Promise<void>;
  /** See `uncut`. */
  uncut?: true;
}

/** One behaviour, by the sentence that it proves. */
export type Behaviours = Readonly<Record<string, Behaviour>>;

/**
 * A behaviour that no arm with cuts can take: it counts previews, of which those of a text that closed while the connection was away do not come again
 * (R27), or tries, or does something to the Host as soon as an
 * event is shown, or reads what a session says while it is deleted.
 */
export function uncut(body: (stage: Stage) => Promise<void>): Behaviour {
  return Object.assign(body, { uncut: true as const });
}

/** A team of one agent with these toolsets; further lines go under the agent or to the top level. */
export function teamOf(
  toolsets: readonly string[] = [],
  more: { agent?: readonly string[]; top?: readonly string[]; model?: string } = {},
): string {
  return [
    'agents:',
    '  root:',
    `    model: ${more.model ?? 'openai/gpt-4o'}`,
    '    description: Does what it is told',
    '    instruction: Do what you are told.',
    ...(toolsets.length === 0 ? [] : ['    toolsets:', ...toolsets.map((type) => `      - type: ${type}`)]),
    ...(more.agent ?? []).map((line) => `    ${line}`),
    ...(more.top ?? []),
    '',
  ].join('\n');
}

export const INLINE = (team: string) =>
  ({ kind: 'inline', entry: 'team.yaml', files: { 'team.yaml': team } }) as const;

/** The error that a call ends with; a call that succeeds fails the test. */
export async function failure(call: Promise<unknown>): Promise<YonderError> {
  const outcome = await call.then(
    (value) => ({ value }),
    (thrown: unknown) => ({ thrown }),
  );
  if (!('thrown' in outcome)) throw new Error(`no error came, but ${JSON.stringify(outcome.value)}`);
  if (!(outcome.thrown instanceof YonderError)) throw outcome.thrown;
  return outcome.thrown;
}

export async function refused(call: Promise<unknown>, code: ErrorCode, words: RegExp): Promise<YonderError> {
  const error = await failure(call);
  expect({ code: error.code, message: error.message }).toEqual({
    code,
    message: expect.stringMatching(words),
  });
  return error;
}

export function ofType(events: readonly Event[], type: string): Event[] {
  return events.filter((event) => event.type === type);
}

/** The only event of that type. */
export function only(events: readonly Event[], type: string): Event {
  const found = ofType(events, type);
  expect(found.length, `${type} events`).toBe(1);
  return found[0] as Event;
}

export function types(events: readonly Event[]): string[] {
  return events.map((event) => event.type);
}

export function stopReason(events: readonly Event[]): unknown {
  expect(events.at(-1)?.type).toBe('stream_stopped');
  return events.at(-1)?.['reason'];
}

/** Durable numbers are dense. */
export function assertDense(events: readonly Event[], from?: number): void {
  const numbers = events.flatMap((event) => (event.seq === undefined ? [] : [event.seq]));
  const first = from ?? numbers[0] ?? 1;
  expect(numbers).toEqual(numbers.map((_, index) => first + index));
}

/** Reads a stream as far as a test needs it, and keeps what it saw. */
export class Watcher {
  readonly seen: Event[] = [];
  readonly #iterator: AsyncIterator<WireEvent>;

  constructor(stream: AsyncIterable<WireEvent>) {
    this.#iterator = stream[Symbol.asyncIterator]();
  }

  /** The next event of this type for which `when` holds; a stream that ends before it fails the test. */
  async until(type: string, when: (event: Event) => boolean = () => true): Promise<Event> {
    for (;;) {
      const next = await this.#iterator.next();
      if (next.done === true)
        throw new Error(`the stream ended before ${type}; it had ${types(this.seen).join(', ')}`);
      const event: Event = parseEvent(next.value.json);
      this.seen.push(event);
      if (event.type === type && when(event)) return event;
    }
  }

  /** Everything to the stream's end, what was seen before included. */
  async rest(): Promise<Event[]> {
    for (;;) {
      const next = await this.#iterator.next();
      if (next.done === true) return this.seen;
      this.seen.push(parseEvent(next.value.json));
    }
  }

  async close(): Promise<void> {
    await this.#iterator.return?.();
  }
}

/** The whole stored log. */
export async function logOf(world: World, session_id: string, after = 0): Promise<Event[]> {
  const stream = world.backend.session(session_id).follow(world.context, { after, follow: false });
  const watcher = new Watcher(stream);
  const events = await watcher.rest();
  return events.filter((event) => event.seq !== undefined);
}

/** A call of one tool as a scripted turn. */
export function calls(name: string, args: Record<string, unknown>, id?: string): ScriptedTurn {
  return { tool_calls: [{ name, arguments: args, ...(id === undefined ? {} : { id }) }] };
}

/** The roles and texts that the model was sent with its last request. */
export function lastRequest(world: World): { role: string; text: string }[] {
  const entry = world.model.journal.at(-1);
  const body = entry?.body ?? {};
  const messages = (body['messages'] ?? body['input']) as Record<string, unknown>[];
  return messages.map((message) => ({
    role: String(message['role'] ?? message['type']),
    text: plain(message['content'] ?? message['output'] ?? message['arguments']),
  }));
}

function plain(content: unknown): string {
  if (typeof content === 'string') return content;
  if (Array.isArray(content))
    return content
      .map((part: Record<string, unknown>) => plain(part['text'] ?? part['content'] ?? ''))
      .join('');
  return content === undefined || content === null ? '' : JSON.stringify(content);
}
