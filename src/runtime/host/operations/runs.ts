import type { RunStream } from '../../../protocol/backend.ts';
import { LIMITS } from '../../../protocol/contract/contract.ts';
import type { RequestContext } from '../../../protocol/context.ts';
import { YonderError } from '../../../protocol/errors.ts';
import { parseEvent, type WireEvent } from '../../../protocol/events/events.ts';
import type { RunRow, SessionRow } from '../../../protocol/store.ts';
import { newId } from '../../ids.ts';
import { followLog } from '../../log/follow.ts';
import type { Host } from '../host.ts';
import { acceptMessages, send } from './inputs.ts';
import type { Handlers } from './handlers.ts';

/** The events of one run, from its first one to its `stream_stopped`; what stands between them of others is left out at the beginning only. */
async function* streamRun(
  host: Host,
  row: SessionRow,
  run_id: string,
  after: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<WireEvent> {
  const session = await host.open(row);
  let begun = false;
  for await (const event of followLog(session.log, {
    after,
    run_id,
    follow: true,
    signal,
    poll_ms: host.options.poll_ms,
  })) {
    if (event.type === 'log_caught_up') continue;
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
  if (run === undefined)
    throw new YonderError('no_run', `there is no run ${run_id}; list the live ones with run/list`);
  return { run, row: await host.row(context, run.root_id) };
}

type RunNames = 'session/run' | 'session/events' | 'run/follow' | 'session/delete' | 'upload/create';

export const runHandlers: Handlers<RunNames> = {
  async 'session/run'(host, context, request): Promise<RunStream> {
    const row = await host.row(context, request.session_id);
    const messages = await acceptMessages(host, row.session_id, request.messages);
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
    yield* streamRun(host, row, run.run_id, request.after ?? run.first_seq - 1, context.signal);
  },

  async 'session/delete'(host, context, request) {
    const wanted = [
      ...(request.session_ids ?? []),
      ...(request.session_id === undefined ? [] : [request.session_id]),
    ];
    if (wanted.length === 0) throw new YonderError('invalid_request', 'name a session_id or session_ids');
    const deleted: string[] = [];
    for (const reference of wanted) {
      const row = await host.row(context, reference);
      const owner = await host.store.lease(row.session_id);
      if (row.active_run !== undefined && owner?.alive === true) {
        throw new YonderError(
          'run_busy',
          `session ${row.session_id} has a live run (${row.active_run}); interrupt it first`,
          {
            details: { run_id: row.active_run, pid: owner.lease.pid },
          },
        );
      }
      const session = await host.open(row);
      await session.endReaders();
      await host.release(row.session_id);
      await host.store.deleteSession(row.session_id);
      deleted.push(row.session_id);
    }
    return { deleted };
  },

  async 'upload/create'(host, context, request, bytes) {
    if (bytes.byteLength > LIMITS.upload_bytes) {
      throw new YonderError(
        'payload_too_large',
        `an upload is at most ${LIMITS.upload_bytes} bytes; this one has ${bytes.byteLength}`,
      );
    }
    const upload = {
      upload_id: newId('upl'),
      principal: context.principal,
      name: request.name,
      media_type: request.media_type,
    };
    const stored = await host.store.putUpload(upload, bytes);
    return { upload_id: stored.upload_id, size: stored.size, sha256: stored.sha256 };
  },
};
