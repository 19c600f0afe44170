import { setTimeout as delay } from 'node:timers/promises';
import type { RequestContext } from '../../../protocol/context.ts';

import { isErrorCode, YonderError } from '../../../protocol/errors.ts';
import type { HistoryOutcome } from '../../fold/history.ts';
import type { Host } from '../host.ts';
import type { OpenSession } from '../open-session.ts';
import type { Handlers } from './handlers.ts';
import { repeated, send } from './inputs.ts';

export const historyHandlers: Handlers<'session/snapshots' | 'session/undo' | 'session/reset'> = {
  async 'session/snapshots'(host, context, request) {
    const session = await host.open(await host.row(context, request.session_id));
    const { history, head } = session.log.state;
    const snapshots = history.taken.map(({ number: snapshot, details: _details, ...rest }) => ({
      snapshot,
      ...rest,
    }));
    return { enabled: history.on, snapshots, as_of: head };
  },

  'session/undo': (host, context, request) => takeBack(host, context, 'undo', request),
  'session/reset': (host, context, request) => takeBack(host, context, 'reset', request),
};

async function takeBack(
  host: Host,
  context: RequestContext,
  kind: 'undo' | 'reset',
  request: { session_id: string; at?: string | undefined },
): Promise<{ input_id: string; removed: string[]; files: number; snapshots: number[]; text: string }> {
  const operation = `session/${kind}`;
  const row = await host.row(context, request.session_id);
  const session = await host.open(row);
  const earlier = await repeated(host, context, operation, request);
  if (earlier === undefined) assertOn(session);
  const payload = request.at === undefined ? {} : { at: request.at };
  const input_id =
    earlier === undefined
      ? ((await waitingTwin(session, kind, request.at)) ??
        (await send(host, context, operation, request, kind, payload, { require_idle: true })).input_id)
      : String(earlier['input_id']);
  session.wake();
  const outcome = await outcomeOf(session, input_id, context.signal);
  if (outcome.kind === 'changed') return { input_id, ...withoutKind(outcome) };
  const code = isErrorCode(outcome.code) ? outcome.code : 'internal';
  const details = outcome.details === undefined ? {} : { details: outcome.details };
  throw new YonderError(code, outcome.message, details);
}

function withoutKind({ kind: _kind, ...rest }: Extract<HistoryOutcome, { kind: 'changed' }>) {
  return rest;
}

function assertOn(session: OpenSession): void {
  if (session.log.state.history.on) return;
  throw new YonderError(
    'invalid_request',
    `snapshots are off in this session, so nothing can be taken back; turn them on with: yonder run --session ${session.root_id} --snapshots (or settings.snapshot: true in the user configuration, for every session)`,
  );
}

/** The same one, left behind by a Host that died: it is finished, and not done a second time. */
async function waitingTwin(
  session: OpenSession,
  kind: 'undo' | 'reset',
  at: string | undefined,
): Promise<string | undefined> {
  const rows = await session.options.store.pendingInputs(session.root_id);
  return rows.find((row) => row.kind === kind && row.payload['at'] === at)?.input_id;
}

/** What came of it, from the log: whoever drives the session writes it there. */
async function outcomeOf(
  session: OpenSession,
  input_id: string,
  signal: AbortSignal | undefined,
): Promise<HistoryOutcome> {
  for (;;) {
    if (session.log.epoch === undefined) await session.log.catchUp();
    const outcome = session.log.state.history.outcomes.get(input_id);
    if (outcome !== undefined) return outcome;
    if (session.log.failure !== undefined) throw session.log.failure;
    if (session.log.isClosed)
      throw new YonderError('unavailable', 'this Host is closing; the change is made later');
    await delay(session.options.poll_ms, undefined, signal === undefined ? {} : { signal });
  }
}
