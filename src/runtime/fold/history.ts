import type { EventOf } from '../../protocol/events/events.ts';
import type { ConversationState, LogState } from './state.ts';

/** One turn that changed the workspace, or one of which nobody can say. */
export interface SnapshotRecord {
  /** From 1 in the order of the log; 0 for a turn that was not recorded. */
  number: number;
  message_id: string;
  run_id: string;
  folder: string;
  taken_at: string;
  files: number;
  changes: { path: string; change: 'added' | 'modified' | 'deleted' }[];
  details: string;
  failed: string | undefined;
  undone: boolean;
}

/** What came of an undo or reset, by its input. */
export type HistoryOutcome =
  | { kind: 'changed'; removed: string[]; files: number; snapshots: number[]; text: string }
  | { kind: 'refused'; code: string; message: string; details: Record<string, unknown> | undefined };

/** What the log says of snapshots and of what went back. */
export interface HistoryState {
  on: boolean;
  /** How many root messages there were when snapshots were turned on or the session was forked: before them nothing can be taken back. */
  since: number;
  since_fork: boolean;
  /** Turns that are under way, and how the workspace was before the first of them, or after the last that ended. */
  open: { picture: string | undefined; failed: string | undefined; runs: Set<string> } | undefined;
  taken: SnapshotRecord[];
  /** Files of which was said that no snapshot holds them. */
  skipped: Set<string>;
  /** The first message of each exchange: what a person sent, and what came of it. */
  starts: string[];
  last_start: string;
  restoring: string | undefined;
  outcomes: Map<string, HistoryOutcome>;
  /** For the transcript: after how many messages what was taken back. */
  changed: { kind: string; at: number; removed: number; files: number; by: string; timestamp: string }[];
  /** The words of the last snapshot that failed, and the run that heard them. */
  told: string;
}

export function emptyHistory(): HistoryState {
  return {
    on: false,
    since: 0,
    since_fork: false,
    open: undefined,
    taken: [],
    skipped: new Set(),
    starts: [],
    last_start: '',
    restoring: undefined,
    outcomes: new Map(),
    changed: [],
    told: '',
  };
}

/** A message that begins a run, or a follow-up, begins an exchange; several of one input begin one. */
export function foldStart(state: LogState, event: EventOf<'user_message'>, message_id: string): void {
  if (event.session_id !== state.root_id) return;
  const { history } = state;
  const { run } = state.conversations.get(state.root_id) ?? {};
  const begins = run === undefined || run.run_id !== event.run_id || event.source === 'follow_up';
  const key = event.input_id ?? message_id;
  if (!begins || key === history.last_start) return;
  history.last_start = key;
  history.starts.push(message_id);
}

export function foldOpened(state: LogState, event: EventOf<'tool_call_started'>): void {
  const { snapshot } = event;
  if (snapshot === undefined) return;
  const open = (state.history.open ??= {
    picture: snapshot.picture,
    failed: snapshot.failed,
    runs: new Set(),
  });
  open.runs.add(event.run_id ?? '');
}

export function foldSnapshot(state: LogState, event: EventOf<'workspace_snapshot'>): void {
  const { history } = state;
  leave(history, event.run_id, event.picture, event.failed);
  for (const path of event.skipped ?? []) history.skipped.add(path);
  if (event.snapshot === undefined && event.failed === undefined) return;
  history.taken.push({
    number: event.snapshot ?? 0,
    message_id: event.message_id ?? '',
    run_id: event.run_id ?? '',
    folder: event.folder ?? '',
    taken_at: event.timestamp,
    files: event.files ?? 0,
    changes: event.changes ?? [],
    details: event.details ?? '',
    failed: event.failed,
    undone: false,
  });
  if (event.failed !== undefined) history.told = `${event.run_id ?? ''} ${event.failed}`;
}

/** A run that ended without a look at the folder: what its last turn did is not known. */
export function foldRunEnd(state: LogState, event: EventOf<'stream_stopped'>): void {
  const { history } = state;
  if (history.open?.runs.has(event.run_id ?? '') !== true) return;
  foldSnapshot(state, {
    ...event,
    type: 'workspace_snapshot',
    message_id: rootMessage(state),
    failed: 'the run was broken off before the folder could be looked at',
  });
}

function leave(
  history: HistoryState,
  run_id: string | undefined,
  picture: string | undefined,
  failed: string | undefined,
): void {
  const { open } = history;
  if (open === undefined) return;
  open.runs.delete(run_id ?? '');
  if (picture !== undefined) open.picture = picture;
  if (failed !== undefined) open.failed = failed;
  if (open.runs.size === 0) history.open = undefined;
}

/** The message of the root session whose calls are under way: what sub-agents do is part of it. */
export function rootMessage(state: LogState): string {
  const messages = state.conversations.get(state.root_id)?.messages ?? [];
  return messages.findLast((message) => message.role === 'assistant')?.message_id ?? '';
}

/** What an undo or reset took back counts no more; usage and cost stay, since they were spent (R37). */
export function foldHistory(state: LogState, event: EventOf<'history_changed'>): void {
  const { history } = state;
  if (event.kind === 'fork') {
    // The turns before it were another session's: what they did to the files is that one's to take back.
    history.since = state.conversations.get(state.root_id)?.messages.length ?? 0;
    history.since_fork = true;
    return;
  }
  const removed = new Set(event.removed);
  const root = state.conversations.get(state.root_id);
  const text = root?.messages.find((message) => removed.has(message.message_id) && message.role === 'user');
  for (const held of state.conversations.values()) cut(held, removed);
  history.starts = history.starts.filter((message_id) => !removed.has(message_id));
  for (const taken of history.taken) taken.undone ||= removed.has(taken.message_id);
  history.restoring = undefined;
  const at = root?.messages.length ?? 0;
  const { kind, files = 0, by = '', timestamp, snapshots = [] } = event;
  history.changed = history.changed.filter((change) => change.at <= at);
  history.changed.push({ kind, at, removed: removed.size, files, by, timestamp });
  if (event.input_id === undefined) return;
  history.outcomes.set(event.input_id, {
    kind: 'changed',
    removed: event.removed,
    files,
    snapshots,
    text: text?.content ?? '',
  });
}

function cut(held: ConversationState, removed: ReadonlySet<string>): void {
  // Ids of results repeat where a model repeats the ids of its calls; those of other messages do not.
  const from = held.messages.findIndex(
    (message) => message.role !== 'tool' && removed.has(message.message_id),
  );
  if (from === -1) return;
  held.messages.length = from;
  held.revision += 1;
  held.usage.context_length = 0;
  while (held.window_start > from) {
    const earlier = held.earlier_windows.pop();
    held.window_start = earlier?.window_start ?? 0;
    held.summary = earlier?.summary;
  }
  while ((held.state_writes.at(-1)?.at ?? -1) >= from) {
    const write = held.state_writes.pop();
    if (write === undefined) break;
    const map = write.map.get(write.toolset);
    if (write.had) map?.set(write.key, write.value);
    else map?.delete(write.key);
  }
}
