import type { ErrorCode } from './errors.ts';

/** An event as the log keeps it: `json` is the text that every reader gets, `seq` included. */
export interface StoredEvent {
  seq: number;
  type: string;
  json: string;
}

/** An event before it has a number. `fields` holds everything but `seq`, `type` and `timestamp`. */
export interface EventDraft {
  type: string;
  fields: Record<string, unknown>;
}

export const INPUT_KINDS = {
  run: true,
  steer: true,
  follow_up: true,
  answer: true,
  interrupt: true,
  pause: true,
  settings: true,
  compact: true,
  title: true,
  star: true,
  shell: true,
  undo: true,
  reset: true,
  command: true,
  prompt: true,
  toolset_restart: true,
  skill: true,
} as const;
export type InputKind = keyof typeof INPUT_KINDS;

/** A row of the durable inbox (R7). Times are RFC 3339 in UTC. */
export interface InputRow {
  input_id: string;
  /** Order of arrival in this root session, from 1. */
  position: number;
  root_id: string;
  session_id: string;
  kind: InputKind;
  payload: Record<string, unknown>;
  by: string;
  created_at: string;
}

/** R18: a key is unique per principal and operation; the same key with another digest is `idempotency_conflict`. */
export interface IdempotencyClaim {
  principal: string;
  operation: string;
  key: string;
  /** sha256 of the canonical request. */
  request_digest: string;
  /** What a repeat is answered with; known before the commit because the caller makes the ids. */
  outcome: Record<string, unknown>;
}

export interface IdempotentOutcome {
  request_digest: string;
  outcome: Record<string, unknown>;
}

export interface NewInput {
  input_id: string;
  root_id: string;
  session_id: string;
  kind: InputKind;
  payload: Record<string, unknown>;
  by: string;
  created_at: string;
  idempotency?: IdempotencyClaim | undefined;
  /** Refused with `already_resolved` (details: the first input's payload and `by`) when a row with this key was ever accepted. */
  unique_key?: string | undefined;
  /** At most this many untaken rows of this kind and session, else `queue_full`. */
  queue_cap?: number | undefined;
  /** Refused with `run_busy` (details: run_id, pid) when a run is active or an untaken `run` row waits. */
  require_idle?: boolean | undefined;
}

export interface SentInput {
  /** A repeat of an earlier call: nothing was written, `outcome` is the first one's. */
  repeated: boolean;
  outcome: Record<string, unknown>;
}

/** A root session. `active_run` is set from the run's first event to its `stream_stopped`. */
export interface SessionRow {
  session_id: string;
  principal: string;
  title: string;
  agent_name: string;
  working_dir: string;
  team_digest: string;
  created_at: string;
  updated_at: string;
  starred: boolean;
  head_seq: number;
  active_run: string | undefined;
  /** A server began it, or its newest run: when one starts, it goes on with what was cut there (R11). */
  served: boolean;
  /** How many interactions wait for a person. */
  waiting: number;
  input_tokens: number;
  output_tokens: number;
  /** US dollars. */
  cost: number;
  num_messages: number;
  first_message: string;
  /** The whole CreateSession request as it was accepted, secrets apart; what recovery builds the session from. */
  settings: Record<string, unknown>;
}

export type SessionPatch = Partial<
  Pick<
    SessionRow,
    | 'title'
    | 'agent_name'
    | 'working_dir'
    | 'team_digest'
    | 'starred'
    | 'active_run'
    | 'served'
    | 'waiting'
    | 'input_tokens'
    | 'output_tokens'
    | 'cost'
    | 'num_messages'
    | 'first_message'
    | 'settings'
  >
>;

/** A run of the root session or of a sub-agent; the newest first event is where a run stream begins. */
export interface RunRow {
  run_id: string;
  root_id: string;
  session_id: string;
  first_seq: number;
  /** `seq` of its `stream_stopped`; absent while it is not ended. */
  last_seq: number | undefined;
}

export interface AppendRequest {
  root_id: string;
  /** The lease's epoch; an old one is refused with `conflict` (R1). */
  epoch: number;
  /** `run/turn/step/call/attempt`; appending it twice is a no-op that returns the first events (R23). */
  step_id?: string | undefined;
  events: readonly EventDraft[];
  /** Flush to disk with this commit (`synchronous=FULL`, R6). */
  flush?: boolean | undefined;
  /** Inbox rows that this step takes. */
  taken?: readonly string[] | undefined;
  /** Commit only when no untaken row of these kinds (or of any kind) waits for the session: the end of a run (R7). */
  require_no_input?: { session_id: string; kinds?: readonly InputKind[] } | undefined;
  session?: SessionPatch | undefined;
  run_opened?: { run_id: string; session_id: string } | undefined;
  run_closed?: string | undefined;
}

export type AppendResult =
  | { kind: 'appended'; events: StoredEvent[] }
  | { kind: 'repeated'; events: StoredEvent[] }
  | { kind: 'input_waits'; inputs: InputRow[] };

export interface LeaseRow {
  root_id: string;
  host_id: string;
  epoch: number;
  pid: number;
  acquired_at: string;
}

export type LeaseResult = { kind: 'acquired'; epoch: number } | { kind: 'held'; lease: LeaseRow };

export interface BlobRow {
  blob_id: string;
  media_type: string;
  name: string | undefined;
  size: number;
  sha256: string;
}

export interface UploadRow {
  upload_id: string;
  principal: string;
  name: string | undefined;
  media_type: string;
  size: number;
  sha256: string;
}

export interface SessionQuery {
  principal?: string | undefined;
  /** Text in the title or first message. */
  query?: string | undefined;
  working_dir?: string | undefined;
  starred?: boolean | undefined;
  limit: number;
  /** Offset into the newest-first order. */
  offset: number;
}

export interface SearchQuery {
  /** Words, all of which must be in one text; what stands in quotes is a phrase. Never syntax. */
  query: string;
  principal?: string | undefined;
  working_dir?: string | undefined;
  starred?: boolean | undefined;
  limit: number;
  /** Offset into the order of relevance. */
  offset: number;
}

/** A session that was found, by its best text. */
export interface SearchHit {
  row: SessionRow;
  where: 'title' | 'user' | 'assistant' | 'tool' | 'shell';
  /** Of the event that says it; absent for a title. */
  seq?: number;
  /** The conversation of the tree that it was said in. */
  session_id?: string;
  message_id?: string;
  /** How many texts of the session match. */
  matches: number;
  /** One line of the text, and where in it words that were looked for stand. */
  snippet: { text: string; marks: [number, number][] };
}

export interface NewSession {
  row: Omit<
    SessionRow,
    'head_seq' | 'updated_at' | 'active_run' | 'served' | 'waiting' | 'num_messages' | 'first_message'
  > & { served?: boolean };
  events: readonly EventDraft[];
  idempotency?: IdempotencyClaim | undefined;
}

/** A new session that begins with what another one's log holds (R37). */
export interface SessionCopy {
  source_id: string;
  row: NewSession['row'];
  /** The last event that is copied; their numbers stay. */
  upto: number;
  /** The event with the ids of the new session; called once for each, in order. */
  rewrite(event: StoredEvent): StoredEvent;
  /** What stands behind the copied events; called when all are copied. */
  finish(): { events: EventDraft[]; runs: Omit<RunRow, 'root_id'>[]; session: SessionPatch };
  idempotency?: IdempotencyClaim | undefined;
}

/**
 * What a Host keeps: log, inbox, leases, blobs and rows (R24: no git, no model). Every method is one short transaction;
 * a busy database is retried without blocking (R35). A failed commit throws `store_failed`; nothing of it is visible.
 * Times are RFC 3339 in UTC, sizes bytes.
 */
export interface Store {
  /** Where it is, for messages; `:memory:` is allowed in tests. */
  readonly path: string;
  /** This handle's Host; holds the kernel lock that proves that it is alive. */
  readonly host_id: string;

  createSession(
    session: NewSession,
  ): Promise<{ repeated: boolean; outcome: Record<string, unknown>; events: StoredEvent[] }>;
  session(session_id: string): Promise<SessionRow | undefined>;
  /** Sessions whose id begins with the prefix, newest first, at most 20. */
  sessionsByPrefix(prefix: string, principal?: string): Promise<SessionRow[]>;
  sessions(query: SessionQuery): Promise<SessionRow[]>;
  /** Sessions of servers with a run that is open, or with rows in the inbox that nobody took, oldest first. */
  servedWork(): Promise<SessionRow[]>;
  /**
   * Copies a log with the blobs and texts that it names into a new session, in short transactions; nobody sees it before the last one.
   * `conflict` where the source was deleted meanwhile.
   */
  copySession(
    copy: SessionCopy,
    signal?: AbortSignal,
  ): Promise<{ repeated: boolean; outcome: Record<string, unknown> }>;
  /** Full text over titles, messages, and the beginnings of tool results, best first. A handle to write finds all that was committed. */
  search(query: SearchQuery): Promise<SearchHit[]>;
  /** Goes on indexing what sessions said, in short steps for about so many milliseconds; gives how many sessions are left. A handle that only looks indexes nothing. */
  catchUpSearch(milliseconds: number, signal?: AbortSignal): Promise<number>;
  /**
   * Removes row, log, inbox, blobs, contents and recordings in one commit; false when there was none, true for a repeat. Asks nothing
   * about the lease: the caller ends the run first.
   */
  deleteSession(session_id: string, idempotency?: IdempotencyClaim): Promise<boolean>;

  append(request: AppendRequest): Promise<AppendResult>;
  /** At most 500 events with `seq > after`, in order. No statement stays open. */
  readEvents(root_id: string, after: number, limit: number): Promise<StoredEvent[]>;
  head(root_id: string): Promise<number>;
  run(run_id: string): Promise<RunRow | undefined>;

  sendInput(input: NewInput): Promise<SentInput>;
  /** Untaken rows in order of arrival. */
  pendingInputs(root_id: string): Promise<InputRow[]>;
  idempotent(principal: string, operation: string, key: string): Promise<IdempotentOutcome | undefined>;

  /** Takes the lease when it is free, this Host's own, or its owner is proven dead; every new owner gets a new epoch. */
  acquireLease(root_id: string): Promise<LeaseResult>;
  releaseLease(root_id: string, epoch: number): Promise<void>;
  /** The lease and whether its owner is alive. */
  lease(root_id: string): Promise<{ lease: LeaseRow; alive: boolean } | undefined>;
  /** Changes whenever another connection committed (`PRAGMA data_version`). */
  dataVersion(): number;

  putTeam(digest: string, json: string): Promise<void>;
  team(digest: string): Promise<string | undefined>;
  /** A text that a log refers to by digest, stored once per log (R22). */
  putContent(root_id: string, digest: string, text: string): Promise<void>;
  content(root_id: string, digest: string): Promise<string | undefined>;
  putBlob(root_id: string, blob: Omit<BlobRow, 'size' | 'sha256'>, bytes: Uint8Array): Promise<BlobRow>;
  blob(root_id: string, blob_id: string): Promise<(BlobRow & { bytes: Uint8Array }) | undefined>;
  /** With a claim whose outcome names the `upload_id`, a repeat within 24 hours returns the first row and keeps no bytes. */
  putUpload(
    upload: Omit<UploadRow, 'size' | 'sha256'>,
    bytes: Uint8Array,
    idempotency?: IdempotencyClaim,
  ): Promise<UploadRow>;
  upload(upload_id: string): Promise<(UploadRow & { bytes: Uint8Array }) | undefined>;
  /** Adds one recorded model interaction (JSON text) to the session's cassette. */
  addRecording(root_id: string, interaction: string): Promise<void>;
  recordings(root_id: string): Promise<string[]>;

  close(): Promise<void>;
}

/** What opening a store can fail with; each names the path and what to do. */
export type StoreOpenError = Extract<ErrorCode, 'store_failed' | 'conflict' | 'unsupported'>;
