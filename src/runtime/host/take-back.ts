import { YonderError, toYonderError } from '../../protocol/errors.ts';
import type { EventDraft, InputRow } from '../../protocol/store.ts';
import type { Changes } from '../snapshots/types.ts';
import { changesSchema } from '../snapshots/types.ts';
import type { SnapshotRecord } from '../fold/history.ts';
import { planHistory } from './history-plan.ts';
import type { OpenSession } from './open-session.ts';

/**
 * Carries out an undo or reset. Its row stays in the inbox until it is done, and what it is about to do is recorded before the first file
 * is touched: a Host that dies in between leaves it to the next one that drives the session, and doing it again changes nothing twice.
 */
export async function takeBack(session: OpenSession, row: InputRow, signal: AbortSignal): Promise<void> {
  const { log } = session;
  const kind = row.kind === 'reset' ? 'reset' : 'undo';
  const wasCut = log.state.history.restoring === row.input_id;
  const fields = { session_id: log.root_id };
  const taken = { ...fields, input_id: row.input_id, kind, by: row.by };
  let changed: EventDraft;
  try {
    const at = typeof row.payload['at'] === 'string' ? row.payload['at'] : undefined;
    const { removed, snapshots } = planHistory(log.state, kind, at);
    const files = await restoreFiles(session, snapshots, signal, async (paths) => {
      if (wasCut) return;
      const intent = { type: 'workspace_restore', fields: { ...taken, paths } };
      await log.append({ flush: true, events: [intent] });
    });
    const numbers = snapshots.map((snapshot) => snapshot.number);
    changed = { type: 'history_changed', fields: { ...taken, removed, files, snapshots: numbers } };
  } catch (thrown) {
    if (signal.aborted || log.failure !== undefined) return;
    const error = toYonderError(thrown, 'unavailable');
    const refused = { code: error.code, message: said(error, wasCut), details: error.details };
    await log.append({
      flush: true,
      taken: [row.input_id],
      events: [{ type: 'input_taken', fields: { ...taken, refused } }],
    });
    return;
  }
  const messages = log.state.conversations.get(log.root_id)?.messages.length ?? 0;
  const removed = new Set(changed.fields['removed'] as string[]);
  const kept = (log.state.conversations.get(log.root_id)?.messages ?? []).findIndex(
    (message) => message.role !== 'tool' && removed.has(message.message_id),
  );
  await log.append({
    flush: true,
    taken: [row.input_id],
    events: [{ type: 'input_taken', fields: taken }, changed],
    session: { num_messages: kept === -1 ? messages : kept },
  });
}

/** How many paths were taken back. */
async function restoreFiles(
  session: OpenSession,
  taken: readonly SnapshotRecord[],
  signal: AbortSignal,
  begin: (paths: number) => Promise<void>,
): Promise<number> {
  if (taken.length === 0) return 0;
  const { log } = session;
  const turns: Changes[] = [];
  for (const snapshot of taken) {
    const text = await log.store.content(log.root_id, snapshot.details);
    if (text === undefined) throw new YonderError('internal', `snapshot ${snapshot.number} has no details`);
    turns.push(changesSchema.parse(JSON.parse(text)));
  }
  const place = { session_id: log.root_id, folder: session.working_dir };
  const snapshots = await session.snapshots();
  const folder = turns.find((turn) => turn.top !== snapshots.realFolder(place))?.top;
  if (folder !== undefined) {
    throw new YonderError(
      'conflict',
      `what is to be taken back was done in ${folder}, and the session works in ${session.working_dir} now; go on with it there (--working-dir) first`,
    );
  }
  const plan = await snapshots.restore(place, { turns, begin, signal });
  return plan.paths.length;
}

function said(error: YonderError, wasCut: boolean): string {
  return wasCut
    ? `it was cut off earlier, with some of the files taken back already, and cannot go on: ${error.message}`
    : error.message;
}
