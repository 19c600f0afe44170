import { toYonderError, type YonderError } from '../../protocol/errors.ts';
import type { SessionRow } from '../../protocol/store.ts';
import type { Host } from './host.ts';
import type { OpenSession } from './open-session.ts';
import { recoverRun } from './recover.ts';
import { storedSettings } from './serving.ts';
import { STARTERS, TAKERS } from './inbox.ts';

/** So many runs are brought back side by side; the next one waits until one of them got a step further, ended, or waits for a person. */
const AT_ONCE = 8;

export interface Recovered {
  /** Sessions whose run is gone on with, or whose waiting messages are taken. */
  resumed: number;
  /** Sessions that another living process drives. */
  elsewhere: number;
  /** Sessions that stay as they are, and why. */
  left: { session_id: string; reason: YonderError }[];
}

/**
 * What a server does when it starts (R11): it goes on with the runs that a server of this store began and that nobody alive drives. Each is this Host's before
 * this resolves, so that a reader who comes back finds it driven; what is recovered then goes on by itself. One whose folder or variables are gone stays
 * interrupted.
 */
export async function recoverOwn(host: Host, signal: AbortSignal): Promise<Recovered> {
  const recovered: Recovered = { resumed: 0, elsewhere: 0, left: [] };
  const mine: SessionRow[] = [];
  for (const row of await host.store.servedWork()) {
    if (!(await hasWork(host, row))) continue;
    try {
      await host.options.checkFolder(row.working_dir);
      const { session_id, team_digest } = row;
      const settings = storedSettings(host.options.serving, row);
      host.checkVariables({ session_id, team: await host.team(team_digest), settings });
    } catch (thrown) {
      recovered.left.push({ session_id: row.session_id, reason: toYonderError(thrown) });
      continue;
    }
    const lease = await host.store.acquireLease(row.session_id);
    if (lease.kind === 'held') recovered.elsewhere += 1;
    else mine.push(row);
  }
  recovered.resumed = mine.length;
  void goOn(host, mine, signal);
  return recovered;
}

/** A message that was accepted is work; one that waits for an interrupted run comes with it. */
async function hasWork(host: Host, row: SessionRow): Promise<boolean> {
  if (row.active_run !== undefined) return true;
  const rows = await host.store.pendingInputs(row.session_id);
  return rows.some(({ kind }) => STARTERS.includes(kind) || TAKERS.includes(kind));
}

async function goOn(host: Host, rows: SessionRow[], signal: AbortSignal): Promise<void> {
  const next = rows.values();
  const worker = async (): Promise<void> => {
    for (const row of next) {
      if (signal.aborted) return;
      const leave = host.enter();
      try {
        await goOnWith(host, row, signal);
      } catch (thrown) {
        host.options.serving?.problem?.(row.session_id, toYonderError(thrown));
      } finally {
        leave();
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** Resolves when the run got further than its recovery, ended, or waits. */
async function goOnWith(host: Host, row: SessionRow, signal: AbortSignal): Promise<void> {
  const session = await host.open(row);
  const recovered = await session.inPlaceOfDrive(async () => {
    const lease = await host.store.acquireLease(row.session_id);
    if (lease.kind === 'held') return { result: undefined, drive: false };
    session.log.epoch = lease.epoch;
    try {
      await session.log.catchUp();
      return { result: await recoverRun(session), drive: true };
    } catch (thrown) {
      session.log.epoch = undefined;
      await host.store.releaseLease(row.session_id, lease.epoch);
      throw thrown;
    }
  });
  if (recovered !== undefined) await further(session, signal);
}

function further(session: OpenSession, signal: AbortSignal): Promise<void> {
  const { log } = session;
  const { promise, resolve } = Promise.withResolvers<void>();
  const begun = log.state.head;
  const look = (): void => {
    const run = log.state.conversations.get(log.root_id)?.run;
    const waits = log.state.pending.size > 0 || log.state.paused;
    if (run === undefined || waits || log.state.head > begun || log.failure !== undefined) resolve();
  };
  const stop = log.watch(look);
  const aborted = (): void => resolve();
  signal.addEventListener('abort', aborted, { once: true });
  look();
  return promise.finally(() => {
    stop();
    signal.removeEventListener('abort', aborted);
  });
}
