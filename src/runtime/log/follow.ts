import { YonderError } from '../../protocol/errors.ts';
import { parseEvent, type WireEvent } from '../../protocol/events/events.ts';
import { OwnerLook } from './owner-look.ts';
import type { LogReader } from './reader.ts';
import type { ClosingReason } from '../../protocol/events/live.ts';
import type { SessionLog } from './session-log.ts';

export interface FollowOptions {
  after: number;
  /** The stream ends after this run's `stream_stopped`. */
  run_id?: string | undefined;
  /** False: ends after `log_caught_up`. */
  follow: boolean;
  signal?: AbortSignal | undefined;
  /** How often a follower of another Host's log looks for news, in milliseconds. */
  poll_ms: number;
}

function closing(reason: ClosingReason, message?: string): WireEvent {
  return connectionEvent('stream_closing', { reason, ...(message === undefined ? {} : { message }) });
}

function connectionEvent(type: string, fields: Record<string, unknown>): WireEvent {
  return { seq: undefined, type, json: JSON.stringify({ type, ...fields }) };
}

/**
 * The whole log from a cursor, then live (R36): registers first, replays what is stored in pages, says `log_caught_up`,
 * goes on with durable events and previews. A cursor ahead of the log is `cursor_expired`.
 */
export async function* followLog(
  log: SessionLog,
  options: FollowOptions,
): AsyncGenerator<WireEvent, void, void> {
  const head = await log.store.head(log.root_id);
  if (options.after > head) {
    throw new YonderError(
      'cursor_expired',
      `the log of session ${log.root_id} ends at ${head}; ask again from there`,
      {
        details: { head },
      },
    );
  }
  const reader = log.read(options.after);
  try {
    if (yield* replay(log, reader, options)) return;
    yield connectionEvent('log_caught_up', { as_of: reader.cursor });
    if (!options.follow) return;
    log.offerPreviews(reader);
    yield* live(log, reader, options);
  } finally {
    log.release(reader);
  }
}

/** Sends what the store holds beyond the reader's cursor; true when the run that was asked for ended in it. */
async function* replay(
  log: SessionLog,
  reader: LogReader,
  options: FollowOptions,
): AsyncGenerator<WireEvent, boolean, void> {
  for (;;) {
    const page = await log.store.readEvents(log.root_id, reader.cursor, 500);
    for (const event of page) {
      if (options.signal?.aborted === true) return true;
      reader.cursor = event.seq;
      yield event;
      if (endsRun(event, options.run_id)) return true;
    }
    if (page.length < 500) return false;
  }
}

async function* live(
  log: SessionLog,
  reader: LogReader,
  options: FollowOptions,
): AsyncGenerator<WireEvent, void, void> {
  let version = log.dataVersion();
  const owner = new OwnerLook(log, options);
  while (options.signal?.aborted !== true) {
    const next = reader.pull();
    if (next === 'behind') {
      if (yield* replay(log, reader, options)) return;
      continue;
    }
    if (next !== undefined) {
      yield next;
      if (endsRun(next, options.run_id)) return;
      if (next.type === 'session_deleted') {
        yield closing('session_deleted');
        return;
      }
      continue;
    }
    if (log.isClosed) {
      yield closing('host_closing', 'the Host is closing');
      return;
    }
    if (log.failure !== undefined) {
      const { code, message } = log.failure;
      // A fault of ours is no fault of the store; every other failure of a log is about its storing (WIRE.md).
      const reason = code === 'internal' ? 'internal' : 'store_failed';
      yield closing(reason, message);
      return;
    }
    await reader.changed(options.signal, log.epoch === undefined ? options.poll_ms : undefined);
    if (log.epoch === undefined && !log.isClosed) {
      const now = log.dataVersion();
      if (now !== version && now !== undefined) await log.catchUp();
      if (now === version && (await owner.isGone())) {
        yield closing('owner_gone', goneText(log, options));
        return;
      }
      version = now;
    }
  }
}

function goneText({ root_id }: SessionLog, { run_id }: FollowOptions): string {
  return `no process drives run ${run_id} any more; go on with it: yonder run --session ${root_id}`;
}

function endsRun(event: WireEvent, run_id: string | undefined): boolean {
  if (run_id === undefined || event.type !== 'stream_stopped') return false;
  return parseEvent(event.json)['run_id'] === run_id;
}
