import { YonderError } from '../protocol/errors.ts';
import type { AppendRequest, InputRow, NewInput, Store } from '../protocol/store.ts';
import type { Database } from './database.ts';
import { earlierOutcome, keepOutcome } from './idempotency.ts';
import { findWriter } from './writer.ts';

const COLUMNS = 'input_id, position, session_id, kind, payload, by, created_at';
/** More than this waits only where no `queue_cap` was set; the rest is read when these are taken. */
const MAX_PENDING = 500;

type InputRecord = Omit<InputRow, 'root_id' | 'payload'> & { payload: string };

function toInput(record: InputRecord, root_id: string): InputRow {
  return { ...record, root_id, payload: JSON.parse(record.payload) as Record<string, unknown> };
}

function pending(database: Database, log: number, root_id: string): InputRow[] {
  return database
    .all<InputRecord>(
      `SELECT ${COLUMNS} FROM inputs WHERE log = ? AND taken = 0 ORDER BY position LIMIT ${MAX_PENDING}`,
      log,
    )
    .map((record) => toInput(record, root_id));
}

/** Rows that keep a run from ending: untaken, of that session and those kinds, and not taken by the step itself. */
export function waitingInputs(
  database: Database,
  log: number,
  root_id: string,
  required: NonNullable<AppendRequest['require_no_input']>,
  taken: readonly string[] = [],
): InputRow[] {
  return pending(database, log, root_id).filter(
    (input) =>
      input.session_id === required.session_id &&
      (required.kinds?.includes(input.kind) ?? true) &&
      !taken.includes(input.input_id),
  );
}

/** Marks rows as taken. `conflict` when one is not there or was taken before: its work is done already. */
export function takeInputs(
  database: Database,
  log: number,
  root_id: string,
  input_ids: readonly string[],
): void {
  for (const input_id of input_ids) {
    const changed = database.run(
      'UPDATE inputs SET taken = 1 WHERE input_id = ? AND log = ? AND taken = 0',
      input_id,
      log,
    );
    if (changed !== 1)
      throw new YonderError(
        'conflict',
        `the input ${input_id} of the session ${root_id} was taken already, or never sent`,
      );
  }
}

function checkUnique(database: Database, log: number, input: NewInput): void {
  if (input.unique_key === undefined) return;
  const first = database.get<{ payload: string; by: string; input_id: string }>(
    'SELECT payload, by, input_id FROM inputs WHERE log = ? AND unique_key = ?',
    log,
    input.unique_key,
  );
  if (first === undefined) return;
  throw new YonderError(
    'already_resolved',
    `${first.by} was first to send this ${input.kind} to the session ${input.session_id}`,
    {
      details: { payload: JSON.parse(first.payload), by: first.by, input_id: first.input_id },
    },
  );
}

function checkIdle(database: Database, log: number, pid: number | null, input: NewInput): void {
  if (input.require_idle !== true) return;
  const run = database.get<{ run_id: string }>(
    'SELECT run_id FROM runs WHERE log = ? AND session_id = ? AND last_seq IS NULL LIMIT 1',
    log,
    input.session_id,
  );
  const queued = database.get<{ input_id: string }>(
    `SELECT input_id FROM inputs WHERE log = ? AND taken = 0 AND session_id = ? AND kind = 'run' LIMIT 1`,
    log,
    input.session_id,
  );
  if (run === undefined && queued === undefined) return;
  const what =
    run === undefined
      ? `a message (${queued?.input_id}) that waits to be run`
      : `an active run ${run.run_id}`;
  const where = pid === null ? '' : ` in process ${pid}`;
  throw new YonderError(
    'run_busy',
    `the session ${input.session_id} has ${what}${where}; wait for its end, or send a follow-up`,
    {
      details: { run_id: run?.run_id, input_id: queued?.input_id, pid: pid ?? undefined },
    },
  );
}

function checkCap(database: Database, log: number, input: NewInput): void {
  if (input.queue_cap === undefined) return;
  const waiting = database.get<{ count: number }>(
    'SELECT count(*) AS count FROM inputs WHERE log = ? AND taken = 0 AND session_id = ? AND kind = ?',
    log,
    input.session_id,
    input.kind,
  );
  if (waiting === undefined || waiting.count < input.queue_cap) return;
  throw new YonderError(
    'queue_full',
    `${waiting.count} inputs of kind ${input.kind} wait for the session ${input.session_id}, which is the most; try again when one was taken`,
    { details: { kind: input.kind, limit: input.queue_cap, depth: waiting.count } },
  );
}

/** The durable inbox (R7): rows in order of arrival, written by any process, taken by the owner's steps. */
export function createInbox(database: Database): Pick<Store, 'sendInput' | 'pendingInputs'> {
  return {
    sendInput: (input) =>
      database.write(
        () => {
          const { log, pid } = findWriter(database, input.root_id);
          const earlier = earlierOutcome(database, input.idempotency);
          if (earlier !== undefined) return { repeated: true, outcome: earlier };
          checkUnique(database, log, input);
          checkIdle(database, log, pid, input);
          checkCap(database, log, input);
          database.run(
            `INSERT INTO inputs(log, position, input_id, session_id, kind, payload, by, created_at, unique_key)
             VALUES (?1, 1 + coalesce((SELECT max(position) FROM inputs WHERE log = ?1), 0), ?2, ?3, ?4, ?5, ?6, ?7, ?8)`,
            log,
            input.input_id,
            input.session_id,
            input.kind,
            JSON.stringify(input.payload),
            input.by,
            input.created_at,
            input.unique_key ?? null,
          );
          keepOutcome(database, input.idempotency, log);
          return { repeated: false, outcome: input.idempotency?.outcome ?? { input_id: input.input_id } };
        },
        { flush: true },
      ),
    pendingInputs: (root_id) =>
      database.read(() => pending(database, findWriter(database, root_id).log, root_id)),
  };
}
