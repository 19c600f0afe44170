import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect, test, type TestContext } from 'vitest';
import { createHttpTransport } from '../../src/client/http-transport.ts';
import { bindBackend, type Backend, type Runtime } from '../../src/protocol/backend.ts';
import { LOCAL_CONTEXT } from '../../src/protocol/context.ts';
import { YonderError } from '../../src/protocol/errors.ts';
import { parseEvent, type WireEvent } from '../../src/protocol/events/events.ts';
import { scratch, type Running } from '../e2e/cli.ts';
import { cases, long, tried } from '../long.ts';
import { checkShown, checkWhole } from './check.ts';
import type { Shown } from './driver-process.ts';
import { DELEGATION, EFFECTS, PARALLEL, STEERED, TOGETHER, type Scenario } from './scenarios.ts';
import { openStage, type Stage } from './stage.ts';

const TOKEN = 'token-of-the-test';

/** `yonder serve api` on one store and one port, to be killed and started again. */
interface Server {
  url: string;
  data: string;
  /** SIGKILL, then the same command once more. */
  killAndStart(): Promise<void>;
}

async function startServer(): Promise<Server> {
  const place = await scratch();
  const data = place.root;
  let listen = '127.0.0.1:0';
  const start = async (): Promise<Running> => {
    const words = ['serve', 'api', '--listen', listen, '--session-db', join(data, 'session.db')];
    const env = { OPENAI_API_KEY: 'test-key', YONDER_AUTH_TOKEN: TOKEN };
    // Sessions work below the folder that the server was started in.
    const running = place.start(words, { env, cwd: tmpdir(), stdin: null });
    await running.shows(/listening on http/);
    return running;
  };
  let running = await start();
  const url = /listening on (http:\S+?);/.exec(running.stdout)?.[1] ?? '';
  listen = new URL(url).host;
  return {
    url,
    data,
    async killAndStart() {
      running.signal('SIGKILL');
      await running.finished;
      running = await start();
    },
  };
}

function clientOf({ url }: Server): Backend {
  const times = { firstDelay: 20, longestDelay: 200, giveUpAfter: 60_000 };
  return bindBackend(createHttpTransport({ baseUrl: url, token: TOKEN, times }));
}

async function sessionOf(backend: Backend, stage: Stage, scenario: Scenario): Promise<Runtime> {
  const team = scenario.team(stage.model.url);
  const source = { kind: 'inline', entry: 'team.yaml', files: { 'team.yaml': team } } as const;
  const { needs_trust } = await backend.loadTeam(LOCAL_CONTEXT, { source });
  const { session_id } = await backend.createSession(LOCAL_CONTEXT, {
    source,
    ...(needs_trust === undefined ? {} : { trust: { digest: needs_trust.digest } }),
    working_dir: stage.folder,
    unattended: 'wait',
    safety: scenario.safety,
  });
  return backend.session(session_id);
}

const keyed = (key: string) => ({ ...LOCAL_CONTEXT, idempotency_key: key });
const isBeginning = (type: string): boolean => type === 'stream_started' || type === 'run_recovered';

/** What a person does at an event: says yes to a question, and sends what belongs to the scenario, once. */
async function react(runtime: Runtime, event: Shown, { steer }: Scenario): Promise<void> {
  if (event.type === 'tool_call_confirmation') {
    const answer = { request_id: String(event['request_id']), decision: 'approve' } as const;
    await runtime.answer(LOCAL_CONTEXT, answer).catch((thrown: unknown) => {
      // A question that is asked again after a kill may have been answered before it.
      if (!(thrown instanceof YonderError) || thrown.code !== 'already_resolved') throw thrown;
    });
  }
  if (steer !== undefined && isBeginning(event.type))
    await runtime.steer(keyed(`steer-${runtime.session_id}`), { messages: [{ content: steer }] });
}

interface Point {
  /** The event at which the server is killed: the first one for which this holds. */
  at: (event: Shown) => boolean;
  name: string;
}

/** One run of one client, which knows nothing of the kill but that its connection was lost. */
async function killedAt(server: Server, scenario: Scenario, point: Point | undefined): Promise<Shown[]> {
  const stage = await openStage(scenario, 6, server.data);
  const backend = clientOf(server);
  const runtime = await sessionOf(backend, stage, scenario);
  const { session_id } = runtime;
  const request = { messages: [{ content: scenario.message }] };
  const stream = await runtime.run(keyed(`run-${session_id}`), request);
  const shown: Shown[] = [];
  let restarted: Promise<void> | undefined;
  const reactions: Promise<void>[] = [];
  for await (const event of stream as AsyncIterable<WireEvent>) {
    const body: Shown = parseEvent(event.json);
    shown.push(body);
    if (restarted === undefined && point?.at(body) === true) restarted = server.killAndStart();
    reactions.push(react(runtime, body, scenario));
  }
  await Promise.all([restarted, ...reactions]);
  expect(restarted === undefined).toBe(point === undefined);
  expect(shown.at(-1)).toMatchObject({ type: 'stream_stopped', reason: 'normal' });
  const holder = () => stage.look((store) => store.lease(session_id));
  await expect.poll(async () => (await holder())?.alive ?? false).toBe(false);
  // A run that ended before the kill reached its server is nothing to recover.
  const log = await checkWhole(stage, session_id, scenario, { mayLeaveLease: true });
  checkShown(shown, log);
  expect(log.filter(({ type }) => type === 'run_recovered').length).toBeLessThanOrEqual(1);
  const again = await runtime.run(keyed(`run-${session_id}`), request);
  expect([again.run_id, again.input_id]).toEqual([stream.run_id, stream.input_id]);
  const replayed: Shown[] = [];
  for await (const event of again) replayed.push(parseEvent(event.json));
  expect(replayed.at(-1)).toMatchObject({ type: 'stream_stopped', run_id: stream.run_id });
  expect((await stage.log(session_id)).length).toBe(log.length);
  await stage.close();
  return log;
}

const ofType = (type: string): Point => ({ name: type, at: (event) => event.type === type });

/** Eight places spread over the events of an undisturbed run. */
async function eightOf(server: Server, scenario: Scenario): Promise<Point[]> {
  const log = await killedAt(server, scenario, undefined);
  const last = log.findLastIndex(({ type }) => type === 'stream_stopped');
  return Array.from({ length: 8 }, (_, index) => {
    const seq = 2 + Math.floor(((last - 1) * index) / 8);
    return { name: `event ${seq} (${log[seq - 1]?.type})`, at: (event) => (event.seq ?? 0) >= seq };
  });
}

const SCENARIOS = [
  { scenario: EFFECTS, short: ['stream_started', 'tool_call_started', 'token_usage'] },
  {
    scenario: DELEGATION,
    short: ['tool_call_confirmation', 'interaction_resolved', 'sub_session_completed'],
  },
  { scenario: STEERED, short: [] },
  { scenario: PARALLEL, short: [] },
  { scenario: TOGETHER, short: [] },
].filter(({ short }) => long || short.length > 0);

async function everywhere(scenario: Scenario, short: readonly string[], context: TestContext): Promise<void> {
  const server = await startServer();
  const few = short.map(ofType);
  const points = long ? [...(await eightOf(server, scenario)), ...few] : few;
  const failed: string[] = [];
  for (const point of points) {
    try {
      await killedAt(server, scenario, point);
    } catch (thrown) {
      failed.push(`killed at ${point.name}: ${inspect(thrown)}`);
    }
  }
  expect(failed).toEqual([]);
  tried(context, points.length);
}

test.for(SCENARIOS)(
  'a server that is killed and started again goes on with $scenario.name, and so does its client',
  { timeout: cases(90_000, 300_000) },
  ({ scenario, short }, context) => everywhere(scenario, short, context),
);
