import { YonderError } from '../protocol/errors.ts';
import type { AppendRequest, AppendResult, Store, StoredEvent } from '../protocol/store.ts';
import type { Database } from './database.ts';
import { numberEvent, type PreparedEvent, prepareEvent } from './draft.ts';
import { takeInputs, waitingInputs } from './inbox.ts';
import { LOG_SPAN } from './schema.ts';
import { noteTexts } from './search-index.ts';
import { patchSession } from './session-rows.ts';
import { findWriter, knownWriter, type Writer } from './writer.ts';

/** R35: the most rows that one read takes. */
export const PAGE_ROWS = 500;

const INSERT_EVENT = 'INSERT INTO events(position, type, json) VALUES (?, ?, ?)';
const SELECT_EVENTS = `SELECT position, type, json FROM events WHERE position > ? AND position < ? ORDER BY position LIMIT ?`;
const SELECT_STEP = 'SELECT position, count FROM steps WHERE log = ? AND step_id = ?';
const INSERT_STEP =
  'INSERT INTO steps(log, step_id, position, count) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING';

interface EventRecord {
  position: number;
  type: string;
  json: string;
}

function toStored({ position, type, json }: EventRecord): StoredEvent {
  return { seq: position % LOG_SPAN, type, json };
}

/** Adds events after `head`, numbered without a hole (R2). */
export function insertEvents(
  database: Database,
  log: number,
  head: number,
  events: readonly PreparedEvent[],
  timestamp: string,
): StoredEvent[] {
  return events.map((event, index) => {
    const stored = numberEvent(event, head + 1 + index, timestamp);
    database.run(INSERT_EVENT, log * LOG_SPAN + stored.seq, stored.type, stored.json);
    return stored;
  });
}

function readSpan(database: Database, log: number, after: number, limit: number): StoredEvent[] {
  const start = log * LOG_SPAN;
  return database.all<EventRecord>(SELECT_EVENTS, start + after, start + LOG_SPAN, limit).map(toStored);
}

/** What a step changes beside its events. */
function applyEffects(
  database: Database,
  request: AppendRequest,
  log: number,
  head: number,
  timestamp: string,
): void {
  const { root_id, run_opened, run_closed, session } = request;
  if (run_opened === undefined && run_closed === undefined && session === undefined) return;
  const last = head + request.events.length;
  const patch = { ...session };
  if (run_opened !== undefined) {
    database.run(
      'INSERT INTO runs(run_id, log, root_id, session_id, first_seq) VALUES (?, ?, ?, ?, ?)',
      run_opened.run_id,
      log,
      root_id,
      run_opened.session_id,
      head + 1,
    );
    if (run_opened.session_id === root_id) patch.active_run = run_opened.run_id;
  }
  if (run_closed !== undefined) {
    const closed = database.get<{ session_id: string }>(
      'UPDATE runs SET last_seq = ? WHERE run_id = ? AND log = ? AND last_seq IS NULL RETURNING session_id',
      last,
      run_closed,
      log,
    );
    if (closed === undefined)
      throw new YonderError('conflict', `the run ${run_closed} is not open in the session ${root_id}`);
    if (closed.session_id === root_id) patch.active_run = undefined;
  }
  if (Object.keys(patch).length > 0) patchSession(database, log, patch, timestamp);
}

function checkWriter(request: AppendRequest, host_id: string, writer: Writer): void {
  if (writer.epoch === request.epoch && writer.host_id === host_id) return;
  const owner = writer.host_id === null ? 'nobody' : `process ${writer.pid}`;
  throw new YonderError(
    'conflict',
    `this process no longer drives the session ${request.root_id}: its lease is of epoch ${request.epoch}, and ${owner} has epoch ${writer.epoch}`,
    { details: { epoch: writer.epoch, pid: writer.pid } },
  );
}

/** The events of a step that is in the log already. */
function repeatedStep(database: Database, log: number, step_id: string): AppendResult | undefined {
  const step = database.get<{ position: number; count: number }>(SELECT_STEP, log, step_id);
  if (step === undefined) return undefined;
  const before = (step.position % LOG_SPAN) - 1;
  return { kind: 'repeated', events: step.count === 0 ? [] : readSpan(database, log, before, step.count) };
}

function append(
  database: Database,
  host_id: string,
  request: AppendRequest,
  prepared: readonly PreparedEvent[],
): AppendResult {
  const { root_id, step_id, taken, require_no_input } = request;
  const writer = knownWriter(database, root_id);
  checkWriter(request, host_id, writer);
  const { log, head } = writer;
  if (require_no_input !== undefined) {
    const repeated = step_id === undefined ? undefined : repeatedStep(database, log, step_id);
    if (repeated !== undefined) return repeated;
    const inputs = waitingInputs(database, log, root_id, require_no_input, taken);
    if (inputs.length > 0) return { kind: 'input_waits', inputs };
  }
  // The key itself finds a repeat: a look before each insert would cost a tenth of the commit.
  if (
    step_id !== undefined &&
    database.run(INSERT_STEP, log, step_id, log * LOG_SPAN + head + 1, prepared.length) === 0
  ) {
    return repeatedStep(database, log, step_id) ?? { kind: 'repeated', events: [] };
  }
  const timestamp = database.now().toISOString();
  if (taken !== undefined) takeInputs(database, log, root_id, taken);
  const events = insertEvents(database, log, head, prepared, timestamp);
  noteTexts(database, log, head, request.events);
  applyEffects(database, request, log, head, timestamp);
  writer.head += events.length;
  return { kind: 'appended', events };
}

/** The numbered log of each root session (R2, R9) and the runs in it. */
export function createLog(
  database: Database,
  host_id: string,
): Pick<Store, 'append' | 'readEvents' | 'head' | 'run'> {
  return {
    async append(request) {
      const prepared = request.events.map(prepareEvent);
      return database.write(() => append(database, host_id, request, prepared), { flush: request.flush });
    },
    readEvents: (root_id, after, limit) =>
      database.read(() =>
        readSpan(database, findWriter(database, root_id).log, after, Math.min(limit, PAGE_ROWS)),
      ),
    head: (root_id) => database.read(() => findWriter(database, root_id).head),
    run: (run_id) =>
      database.read(() => {
        const row = database.get<{
          run_id: string;
          root_id: string;
          session_id: string;
          first_seq: number;
          last_seq: number | null;
        }>('SELECT run_id, root_id, session_id, first_seq, last_seq FROM runs WHERE run_id = ?', run_id);
        return row === undefined ? undefined : { ...row, last_seq: row.last_seq ?? undefined };
      }),
  };
}
