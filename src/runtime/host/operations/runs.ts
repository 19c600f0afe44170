import { setTimeout as delay } from 'node:timers/promises';
import type { RunStream } from '../../../protocol/backend.ts';
import type { RequestContext } from '../../../protocol/context.ts';
import { YonderError } from '../../../protocol/errors.ts';
import { parseEvent, type WireEvent } from '../../../protocol/events/events.ts';
import type { RunRow, SessionRow } from '../../../protocol/store.ts';
import { sha256 } from '../../../process/digest.ts';
import { newId } from '../../ids.ts';
import { followLog } from '../../log/follow.ts';
import type { Host } from '../host.ts';
import { uploadLimit } from '../../policy/gate.ts';
import { acceptMessages, repeated, send } from './inputs.ts';
import { claim } from './session-settings.ts';
import type { Handlers } from './handlers.ts';

/**
 * The events of one run, from its first one to its `stream_stopped`; what stands between them of others is left out at the beginning
 * only. A reader who comes back into the run hears at once where the log stands, so that its stream opens though the model is silent.
 */
async function* streamRun(
  host: Host,
  row: SessionRow,
  run_id: string,
  after: number,
  signal: AbortSignal | undefined,
  isBack = false,
): AsyncGenerator<WireEvent> {
  const session = await host.open(row);
  let begun = isBack;
  for await (const event of followLog(session.log, {
    after,
    run_id,
    follow: true,
    signal,
    poll_ms: host.options.poll_ms,
  })) {
    if (event.type === 'log_caught_up' && !isBack) continue;
    begun ||=
      event.seq === undefined ? event.type === 'stream_closing' : parseEvent(event.json)['run_id'] === run_id;
    if (begun) yield event;
  }
}

async function runRow(
  host: Host,
  context: RequestContext,
  run_id: string,
): Promise<{ run: RunRow; row: SessionRow }> {
  const run = await host.store.run(run_id);
  const row = run === undefined ? undefined : await host.store.session(run.root_id);
  if (run !== undefined && row !== undefined && host.sees(context, row)) return { run, row };
  throw new YonderError('no_run', `there is no run ${run_id}; list the live ones with run/list`);
}

/** How long a live run may take to end before its session is not deleted, in milliseconds. */
const END_WITHIN = 10_000;

/** Interrupts the live run of a session, and each that its queued messages start, until none is left (R37). */
async function endRuns(host: Host, context: RequestContext, row: SessionRow): Promise<void> {
  const keyless = { ...context, idempotency_key: undefined };
  const deadline = Date.now() + END_WITHIN;
  let interrupted: string | undefined;
  for (;;) {
    const run_id = (await host.store.session(row.session_id))?.active_run;
    const owner = await host.store.lease(row.session_id);
    if (run_id === undefined || owner?.alive !== true) return;
    if (Date.now() > deadline) {
      throw new YonderError(
        'run_busy',
        `the run ${run_id} of session ${row.session_id} did not end within ${END_WITHIN} ms; the session is kept`,
        { details: { run_id, pid: owner.lease.pid } },
      );
    }
    if (run_id !== interrupted) {
      await send(host, keyless, 'session/delete', { session_id: row.session_id }, 'interrupt', {
        run_id,
      });
    }
    interrupted = run_id;
    await delay(host.options.poll_ms);
  }
}

type RunNames = 'session/run' | 'session/events' | 'run/follow' | 'session/delete' | 'upload/create';

export const runHandlers: Handlers<RunNames> = {
  async 'session/run'(host, context, request): Promise<RunStream> {
    const row = await host.row(context, request.session_id);
    const messages = await acceptMessages(host, context, row.session_id, request.messages);
    const run_id = newId('run');
    const { outcome } = await send(
      host,
      context,
      'session/run',
      request,
      'run',
      {
        run_id,
        messages,
        ...(request.max_iterations === undefined ? {} : { max_iterations: request.max_iterations }),
        ...(request.unattended === undefined ? {} : { unattended: request.unattended }),
      },
      { require_idle: true, outcome: { run_id } },
    );
    const accepted = String(outcome['run_id']);
    const known = await host.store.run(accepted);
    const stream = streamRun(
      host,
      row,
      accepted,
      known === undefined ? row.head_seq : known.first_seq - 1,
      context.signal,
    );
    return { run_id: accepted, input_id: String(outcome['input_id']), [Symbol.asyncIterator]: () => stream };
  },

  async *'session/events'(host, context, request) {
    const row = await host.row(context, request.session_id);
    const session = await host.open(row);
    yield* followLog(session.log, {
      after: request.after ?? 0,
      run_id: request.run_id,
      follow: request.follow ?? true,
      signal: context.signal,
      poll_ms: host.options.poll_ms,
    });
  },

  async *'run/follow'(host, context, request) {
    const { run, row } = await runRow(host, context, request.run_id);
    const after = request.after ?? run.first_seq - 1;
    yield* streamRun(host, row, run.run_id, after, context.signal, after >= run.first_seq);
  },

  async 'session/delete'(host, context, request) {
    const wanted = [
      ...(request.session_ids ?? []),
      ...(request.session_id === undefined ? [] : [request.session_id]),
    ];
    if (wanted.length === 0) throw new YonderError('invalid_request', 'name a session_id or session_ids');
    const earlier = await repeated(host, context, 'session/delete', request);
    if (earlier !== undefined) return earlier as { deleted: string[] };
    const rows: SessionRow[] = [];
    for (const reference of wanted) rows.push(await host.row(context, reference));
    const deleted = rows.map((row) => row.session_id);
    for (const row of rows) {
      const session = await host.open(row);
      await endRuns(host, context, row);
      await session.endJobs('the deletion of the session', true);
      await session.endReaders();
      await host.release(row.session_id);
      const key = row === rows.at(-1) ? claim(context, 'session/delete', request, { deleted }) : undefined;
      await host.store.deleteSession(row.session_id, key);
      await host.options.forgetCommands(row.session_id);
      await (await host.options.snapshots()).forget(row.session_id);
    }
    return { deleted };
  },

  async 'upload/create'(host, context, request, bytes) {
    const most = uploadLimit(context);
    if (bytes.byteLength > most) {
      throw new YonderError(
        'payload_too_large',
        `an upload is at most ${most} bytes; this one has ${bytes.byteLength}`,
      );
    }
    const upload = {
      upload_id: newId('upl'),
      principal: context.principal,
      name: request.name,
      media_type: request.media_type,
    };
    const { upload_id } = upload;
    const same = claim(context, 'upload/create', { ...request, sha256: sha256(bytes) }, { upload_id });
    const stored = await host.store.putUpload(upload, bytes, same);
    return { upload_id: stored.upload_id, size: stored.size, sha256: stored.sha256 };
  },
};
