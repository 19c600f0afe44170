/**
 * A Host in a process of its own, to be killed, stopped and continued: does what its parent asks over the channel and writes every event
 * that it was given as one line to stdout, at once, so that a killed process has said exactly what it had published.
 */
import { writeSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { isOperation } from '../../src/protocol/contract/contract.ts';
import { LOCAL_CONTEXT } from '../../src/protocol/context.ts';
import { YonderError } from '../../src/protocol/errors.ts';
import { parseEvent, type WireEvent } from '../../src/protocol/events/events.ts';
import type { Store } from '../../src/protocol/store.ts';
import { createLocalBackend } from '../../src/runtime/local-backend.ts';
import { realHostOptions } from '../../src/runtime/real-host.ts';
import { openStore } from '../../src/session/index.ts';
import type { Call, DriverOptions, Ended, KillPoint, Reply } from './driver-process.ts';

function killSelf(): void {
  process.kill(process.pid, 'SIGKILL');
}

/** The store with a hook around `append`, which is where a process dies most meaningfully (R6). */
function dying(store: Store, kill: KillPoint): Store {
  return {
    ...store,
    async append(request) {
      if (kill.when === 'published') return store.append(request);
      const head = await store.head(request.root_id);
      const isIt = kill.seq > head && kill.seq <= head + request.events.length;
      if (isIt && kill.when === 'before') killSelf();
      const result = await store.append(request);
      if (isIt && result.kind === 'appended') killSelf();
      return result;
    },
  };
}

/** A Host and what it stands on. */
async function openHost(options: DriverOptions) {
  const opened = await openStore({
    path: join(options.data, 'session.db'),
    ...(options.patience_ms === undefined ? {} : { patience_ms: options.patience_ms }),
  });
  const real = realHostOptions({
    store: options.kill === undefined ? opened : dying(opened, options.kill),
    spool_dir: join(options.data, 'spool'),
    snapshot_dir: join(options.data, 'snapshots'),
    cache_dir: join(options.data, 'cache'),
    own_folders: [options.data],
    home: options.folder,
    env: { PATH: process.env['PATH'], HOME: options.folder, OPENAI_API_KEY: 'key-of-a-test-1' },
    default_working_dir: options.folder,
    version: 'test',
  });
  const { transport } = createLocalBackend(real.options);
  const ending = new AbortController();
  return {
    host_id: opened.host_id,
    transport,
    ending,
    async close() {
      ending.abort();
      await transport.close();
      await real.close();
    },
  };
}

let options = JSON.parse(process.env['YONDER_FAULTS'] ?? '{}') as DriverOptions;
let host = await openHost(options);

async function show(stream: AsyncIterable<WireEvent>, run_id: string): Promise<void> {
  for await (const event of stream) {
    writeSync(1, `${event.json}\n`);
    if (options.kill?.when === 'published' && event.seq === options.kill.seq) killSelf();
    if (options.answer !== undefined && event.type === 'tool_call_confirmation') await answer(event);
    if (options.steer !== undefined && BEGINNINGS.has(event.type)) await steer(options.steer);
  }
  // On the same pipe as the events, so that nobody hears of the end before them.
  writeSync(1, `${JSON.stringify({ ended: run_id } satisfies Ended)}\n`);
}

/** Two readers may be shown one question; the second answer is refused by name. */
async function answer(event: WireEvent): Promise<void> {
  const { request_id } = parseEvent(event.json);
  const request = { session_id: shown, request_id, decision: options.answer };
  try {
    await host.transport.call('session/answer', LOCAL_CONTEXT, request);
  } catch (thrown) {
    if (!(thrown instanceof YonderError) || thrown.code !== 'already_resolved') throw thrown;
  }
}

let shown = '';

const BEGINNINGS: ReadonlySet<string> = new Set(['stream_started', 'run_recovered']);

/** Once for the session, however often it is sent. */
async function steer(content: string): Promise<void> {
  const context = { ...LOCAL_CONTEXT, idempotency_key: 'steer' };
  await host.transport.call('session/steer', context, { session_id: shown, messages: [{ content }] });
}

async function perform(name: string, request: Record<string, unknown>): Promise<unknown> {
  const { transport, ending } = host;
  const context = { ...LOCAL_CONTEXT, signal: ending.signal };
  if (name === 'session/run') {
    shown = String(request['session_id']);
    const stream = await transport.run(context, request as Parameters<typeof transport.run>[1]);
    void show(stream, stream.run_id);
    return { run_id: stream.run_id, input_id: stream.input_id };
  }
  if (name === 'session/command' || name === 'session/compact') {
    shown = String(request['session_id']);
    const opened = (await transport.call('session/open', LOCAL_CONTEXT, { session_id: shown })) as {
      as_of: number;
    };
    const begun = (await transport.call(name, LOCAL_CONTEXT, request)) as { run_id: string };
    const { run_id } = begun;
    const from = { session_id: shown, after: opened.as_of, run_id };
    void show(transport.follow('session/events', context, from), run_id);
    return begun;
  }
  if (name === 'session/events') {
    shown = String(request['session_id']);
    void show(transport.follow(name, context, request), String(request['run_id']));
    return {};
  }
  if (name === 'close') {
    await host.close();
    // It is killed next, and would keep nothing for the processes after it.
    flushCompileCache();
    return {};
  }
  if (name === 'open') {
    options = request as unknown as DriverOptions;
    host = await openHost(options);
    return {};
  }
  if (!isOperation(name)) throw new Error(`there is no operation ${name}`);
  return transport.call(name, LOCAL_CONTEXT, request);
}

async function reply(call: Call): Promise<Reply> {
  try {
    return { id: call.id, value: (await perform(call.name, call.request)) as Record<string, unknown> };
  } catch (thrown) {
    if (!(thrown instanceof YonderError)) throw thrown;
    const { code, message, details } = thrown;
    return { id: call.id, error: { code, message, ...(details === undefined ? {} : { details }) } };
  }
}

process.on('message', (call: Call) => {
  void reply(call).then((answered) => process.send?.(answered));
});
process.on('disconnect', () => process.exit(0));
process.send?.({ ready: host.host_id } satisfies Reply);
