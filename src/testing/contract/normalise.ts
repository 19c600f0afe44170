import type { Event } from './world.ts';

/** Fields that hold an id that was drawn at random, by the kind that is written in its place. */
const ID_FIELDS: Readonly<Record<string, string>> = {
  session_id: 'session',
  parent_session_id: 'session',
  sub_session_id: 'session',
  run_id: 'run',
  message_id: 'message',
  first_kept_message: 'message',
  input_id: 'input',
  request_id: 'request',
  command_id: 'command',
  invocation_id: 'invocation',
  blob_id: 'blob',
  upload_id: 'upload',
  // Of calls that a tool or a command asked for.
  tool_call_id: 'call',
  caller: 'call',
  id: 'call',
  // A list of message ids.
  removed: 'message',
  // Digests of texts that name absolute folders and times.
  details: 'content',
  picture: 'content',
};
const TIME_FIELDS: ReadonlySet<string> = new Set(['timestamp', 'created_at', 'updated_at']);
const DURATION_FIELDS: ReadonlySet<string> = new Set(['duration_ms']);
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
/** Ids that are made of others (`result_<call>`) or that a model gave are the same in each run and stay. */
const DRAWN = /^(([a-z]+_)?[0-9a-z]{16}|[0-9a-f]{64})$/;

/** What is replaced in a field, by its name; undefined for a field that stays as it is. */
export function classOf(key: string, value: unknown): 'id' | 'time' | 'duration' | undefined {
  if (typeof value === 'string' && ID_FIELDS[key] !== undefined && DRAWN.test(value)) return 'id';
  if (typeof value === 'string' && TIME_FIELDS.has(key) && TIME.test(value)) return 'time';
  if (typeof value === 'number' && DURATION_FIELDS.has(key) && value >= 0) return 'duration';
  return undefined;
}

/**
 * A transcript in which ids (numbered by first use, so that references still hold), times, durations and the workspace prefix are
 * replaced, and nothing else. Results of calls that ran side by side are put in call order, on the same numbers (R28).
 */
export function normalise(events: readonly Event[], workspace: string): Event[] {
  const names = new Map<string, string>();
  const counts = new Map<string, number>();
  const durable = events.filter((event) => event.seq !== undefined);
  const ordered = inCallOrder(durable);
  for (const event of ordered) collectIds(event, names, counts);
  return ordered.map((event) => replaced(event, '', names, workspace) as Event);
}

function collectIds(
  value: unknown,
  names: Map<string, string>,
  counts: Map<string, number>,
  list = '',
): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    const key = Array.isArray(value) ? list : name;
    const kind = ID_FIELDS[key];
    if (kind !== undefined && classOf(key, inner) === 'id' && !names.has(inner as string)) {
      const number = (counts.get(kind) ?? 0) + 1;
      counts.set(kind, number);
      names.set(inner as string, `<${kind} ${number}>`);
    }
    collectIds(inner, names, counts, key);
  }
}

function replaced(value: unknown, key: string, names: Map<string, string>, workspace: string): unknown {
  const field = classOf(key, value);
  if (field === 'id') return names.get(value as string);
  if (field !== undefined) return `<${field}>`;
  if (typeof value === 'string') return value.replaceAll(workspace, '<workspace>');
  if (Array.isArray(value)) return value.map((inner) => replaced(inner, key, names, workspace));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, replaced(inner, name, names, workspace)]),
  );
}

const OF_CALLS: ReadonlySet<string> = new Set([
  'tool_call_decision',
  'tool_call_started',
  'tool_call_response',
]);

/** Puts each unbroken stretch of events about calls of one run in call order; numbers and times stay where they were. */
function inCallOrder(events: readonly Event[]): Event[] {
  const result: Event[] = [];
  let start = 0;
  while (start < events.length) {
    let end = start;
    while (end < events.length && isOfCalls(events[end], events[start])) end += 1;
    const stretch = events.slice(start, Math.max(end, start + 1));
    const order = callOrder(events.slice(0, start));
    const sorted = stretch.toSorted((left, right) => order(left) - order(right));
    result.push(...sorted.map((event, index) => ({ ...event, seq: stretch[index]?.seq ?? 0 })));
    start += stretch.length;
  }
  return result;
}

function isOfCalls(event: Event | undefined, first: Event | undefined): boolean {
  return event !== undefined && OF_CALLS.has(event.type) && event['run_id'] === first?.['run_id'];
}

function callOrder(before: readonly Event[]): (event: Event) => number {
  const places = new Map<unknown, number>();
  for (const event of before) {
    if (event.type !== 'tool_call') continue;
    const call = event['tool_call'] as { id: string };
    places.set(call.id, places.size);
  }
  return (event) => places.get(event['tool_call_id']) ?? 0;
}
