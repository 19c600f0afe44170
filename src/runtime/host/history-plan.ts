import { YonderError } from '../../protocol/errors.ts';
import type { Message } from '../../protocol/message.ts';
import type { SnapshotRecord } from '../fold/history.ts';
import type { LogState } from '../fold/state.ts';

/** What an undo or reset takes back, from the log alone. */
export interface HistoryPlan {
  /** Ids of root messages and of what sub-agents said for them. */
  removed: string[];
  /** Oldest first. */
  snapshots: SnapshotRecord[];
}

/**
 * What is to go: by `undo` the last exchange, or what `at` names and all that came after it; by `reset` what came after what `at` names,
 * or everything. `at` is the number of a snapshot or the id of a message. Throws in words for what is not there or was never recorded.
 */
export function planHistory(state: LogState, kind: 'undo' | 'reset', at: string | undefined): HistoryPlan {
  const messages = state.conversations.get(state.root_id)?.messages ?? [];
  const from = kind === 'undo' ? undoFrom(state, messages, at) : resetFrom(state, messages, at);
  if (from >= messages.length) throw new YonderError('not_found', 'there is nothing to take back');
  if (from < state.history.since) {
    throw new YonderError('conflict', `${since(state, messages)}; nothing was changed`);
  }
  const gone = messages.slice(from);
  const ids = new Set(gone.map((message) => message.message_id));
  const snapshots = state.history.taken.filter((taken) => !taken.undone && ids.has(taken.message_id));
  const failed = snapshots.findLast((taken) => taken.failed !== undefined);
  if (failed !== undefined) throw notRecorded(state, messages, failed);
  return { removed: [...ids, ...ofChildren(state, gone)], snapshots };
}

/** No part of it can go back: files that nobody recorded would stay as the messages that are gone left them. */
function notRecorded(
  state: LogState,
  messages: readonly Message[],
  { message_id, failed }: SnapshotRecord,
): YonderError {
  const starts = new Set(state.history.starts);
  const turn = indexOfMessage(messages, message_id);
  const next = messages.findIndex((message, place) => place > turn && starts.has(message.message_id));
  const end = next === -1 ? undefined : messages[callOf(messages, next - 1)]?.message_id;
  const later = end === undefined ? '' : `; /reset ${end} takes back what came after it`;
  return new YonderError(
    'conflict',
    `no snapshot was taken of the turn of message ${message_id}, so what it did to the files is not known (${failed}); nothing was changed${later}; to leave out the turn itself, put its files right by hand, then go on from a turn before it with /fork N`,
    { details: { message_id, ...(end === undefined ? {} : { reset_at: end }) } },
  );
}

function since(state: LogState, messages: readonly Message[]): string {
  const { since: place, since_fork } = state.history;
  const next = messages[place];
  const where = next === undefined ? 'after its last message' : `before message ${next.message_id}`;
  return since_fork
    ? `the session was forked ${where}: what came earlier was done by the session that it was forked from, and only that one can take it back`
    : `snapshots were turned on ${where}: what was done to the files earlier was never recorded`;
}

function undoFrom(state: LogState, messages: readonly Message[], at: string | undefined): number {
  if (at === undefined) {
    const start = state.history.starts.at(-1);
    if (start === undefined) throw new YonderError('not_found', 'there is nothing to take back');
    return messages.findIndex((message) => message.message_id === start);
  }
  const index = /^\d+$/.test(at) ? indexOfSnapshot(state, messages, at) : indexOfMessage(messages, at);
  return callOf(messages, index);
}

function resetFrom(state: LogState, messages: readonly Message[], at: string | undefined): number {
  if (at === undefined || at === '0') return 0;
  if (!/^\d+$/.test(at)) return afterResults(messages, indexOfMessage(messages, at));
  const index = indexOfSnapshot(state, messages, at);
  const ends = new Set(state.history.starts);
  for (const taken of state.history.taken) if (!taken.undone) ends.add(taken.message_id);
  const next = messages.findIndex((message, place) => place > index && ends.has(message.message_id));
  return next === -1 ? messages.length : next;
}

function indexOfSnapshot(state: LogState, messages: readonly Message[], at: string): number {
  const live = state.history.taken.filter((taken) => taken.number > 0 && !taken.undone);
  const found = live.find((taken) => taken.number === Number(at));
  const index = messages.findIndex((message) => message.message_id === found?.message_id);
  if (index !== -1) return index;
  const numbers = live.map((taken) => taken.number).join(', ');
  const others = numbers === '' ? 'there are none' : `there is ${numbers}`;
  throw new YonderError('not_found', `there is no snapshot ${at} to go back to; ${others}`);
}

function indexOfMessage(messages: readonly Message[], at: string): number {
  const index = messages.findIndex((message) => message.message_id === at);
  if (index !== -1) return index;
  throw new YonderError(
    'not_found',
    `at: ${at} is neither the number of a snapshot (session/snapshots lists them) nor the id of a message of this session`,
  );
}

/** A result goes with the message that asked for it. */
function callOf(messages: readonly Message[], index: number): number {
  let at = index;
  while (at > 0 && messages[at]?.role === 'tool') at -= 1;
  return at;
}

/** A message stays with the results of its calls. */
function afterResults(messages: readonly Message[], index: number): number {
  let at = index + 1;
  while (messages[at]?.role === 'tool') at += 1;
  return at;
}

/** What sub-agents said for calls that are taken back. */
function ofChildren(state: LogState, gone: readonly Message[]): string[] {
  const calls = new Set(gone.flatMap((message) => (message.tool_calls ?? []).map((call) => call.id)));
  const ids: string[] = [];
  const parents = new Map([[state.root_id, calls]]);
  for (const held of state.conversations.values()) {
    const { parent } = held;
    if (parent === undefined || parents.get(parent.session_id)?.has(parent.tool_call_id) !== true) continue;
    ids.push(...held.messages.map((message) => message.message_id));
    const own = held.messages.flatMap((message) => (message.tool_calls ?? []).map((call) => call.id));
    parents.set(held.session_id, new Set(own));
  }
  return ids;
}
