import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { recoverOwn, type Recovered } from '../../../runtime/host/recover-own.ts';
import type { Serving } from '../../../runtime/host/serving.ts';
import {
  calls,
  lastRequest,
  logOf,
  ofType,
  refused,
  stopReason,
  teamOf,
  types,
  Watcher,
  type Behaviours,
} from '../support.ts';
import type { World } from '../world.ts';

const SHELL = teamOf(['shell']);
const WAITING = { unattended: 'wait' } as const;

function serving(more: Partial<Serving> = {}): Serving {
  return { teams: [], ...more };
}

/** Waits, as long as it takes, until the Host has so many sessions open. */
async function untilOpen(world: World, count: number): Promise<void> {
  while (world.host.size !== count) await delay(5);
}

/** A session whose run waits for a yes. */
async function waitingRun(world: World): Promise<{ session_id: string; run_id: string; watcher: Watcher }> {
  const runtime = await world.session(SHELL, WAITING);
  const run = await runtime.run(world.context, { messages: [{ content: 'Do it.' }], unattended: 'wait' });
  const watcher = new Watcher(run);
  await watcher.until('tool_call_confirmation');
  return { session_id: runtime.session_id, run_id: run.run_id, watcher };
}

async function recover(world: World): Promise<Recovered> {
  return recoverOwn(world.host, new AbortController().signal);
}

async function approve(world: World, session_id: string): Promise<void> {
  const runtime = world.backend.session(session_id);
  const {
    pending_interactions: [question],
  } = await runtime.open(world.context, {});
  await runtime.answer(world.context, { request_id: String(question?.['request_id']), decision: 'approve' });
}

const TOUCH = calls('shell', { cmd: 'echo one >> made.txt' });

export const servingLifeBehaviours: Behaviours = {
  'a session that nothing happens in is let go, and goes on from its log': async ({ open }) => {
    const world = await open([{ text: 'First.' }, { text: 'Second.' }], {
      serving: serving({ idle_ms: 40 }),
    });
    const runtime = await world.session(teamOf());
    expect(stopReason(await world.run(runtime, 'One'))).toBe('normal');
    await untilOpen(world, 0);
    expect(stopReason(await world.run(runtime, 'Two'))).toBe('normal');
    expect(
      lastRequest(world)
        .map(({ text }) => text)
        .slice(-3),
    ).toEqual(['One', 'First.', 'Two']);
    await untilOpen(world, 0);
  },

  'of idle sessions those that were used last stay, and the others come back too': async ({ open }) => {
    const world = await open([TOUCH, { text: 'Still here.' }], { serving: serving({ max_idle: 2 }) });
    const { watcher } = await waitingRun(world);
    const sessions = [];
    for (let made = 0; made < 5; made += 1) sessions.push(await world.session(teamOf()));
    await untilOpen(world, 4); // the one that is being made, two idle ones, and the run
    const [first] = sessions;
    if (first === undefined) throw new Error('no session was made');
    expect(stopReason(await world.run(first, 'Are you there?'))).toBe('normal');
    await watcher.close();
  },

  'a session that is read, or runs, or has a job, is kept': async ({ open }) => {
    const JOB = calls('run_background_job', { cmd: 'sleep 100' });
    const world = await open([JOB, { text: 'Begun.' }, TOUCH], { serving: serving({ idle_ms: 20 }) });
    const { context } = world;
    const job = await world.session(SHELL, { permissions: { allow: ['shell'] } });
    await world.run(job, 'Begin it.');
    const read = await world.session(teamOf());
    const watcher = new Watcher(read.follow(context, { after: 0, follow: true }));
    await watcher.until('log_caught_up');
    const run = await waitingRun(world);
    await run.watcher.close();
    const left = await world.session(teamOf());
    await left.open(context, {});
    await untilOpen(world, 3);
    await delay(100);
    expect(world.host.size).toBe(3);
    await watcher.close();
    await untilOpen(world, 2);
    await job.interrupt(context, { include_background: true });
    await untilOpen(world, 1);
  },

  'what a session was given is still there after it was let go': async ({ open }) => {
    const team = teamOf([], { model: 'openai/gpt-4o' });
    const world = await open([{ text: 'First.' }, { text: 'Second.' }], {
      serving: serving({ idle_ms: 30 }),
      env: { OPENAI_API_KEY: undefined },
    });
    const runtime = await world.session(team, {
      runtime_config: { env: { OPENAI_API_KEY: 'given-key-123' } },
    });
    await world.run(runtime, 'One');
    await untilOpen(world, 0);
    expect(stopReason(await world.run(runtime, 'Two'))).toBe('normal');
    expect(world.model.journal.at(-1)?.headers.get('authorization')).toBe('Bearer given-key-123');
  },

  'as many sessions are open as may be; idle ones make room, others do not': async ({ open }) => {
    const world = await open([TOUCH, TOUCH], { serving: serving({ max_sessions: 2 }) });
    const first = await waitingRun(world);
    await world.session(teamOf());
    const second = await waitingRun(world);
    expect(world.host.size).toBe(2);
    const error = await refused(world.session(teamOf()), 'rate_limited', /2 sessions are open here/);
    expect(error.retryable).toBe(true);
    expect((await world.backend.listSessions(world.context, {})).sessions).toHaveLength(3);
    await world.backend.session(first.session_id).interrupt(world.context, {});
    await first.watcher.rest();
    await world.session(teamOf());
    await second.watcher.close();
  },

  'as many runs go on at once as may be; one that waits is one of them, and steering it is not another':
    async ({ open }) => {
      const world = await open([TOUCH, { text: 'Done.' }], { serving: serving({ max_runs: 1 }) });
      const first = await waitingRun(world);
      const second = await world.session(teamOf());
      const message = { messages: [{ content: 'Me too.' }] };
      const error = await refused(second.run(world.context, message), 'rate_limited', /^1 runs go on here/);
      expect(error.retryable).toBe(true);
      await refused(second.followUp(world.context, message), 'rate_limited', /^1 runs go on here/);
      await world.backend.session(first.session_id).followUp(world.context, message);
      await world.backend.session(first.session_id).interrupt(world.context, {});
      await first.watcher.rest();
      expect(stopReason(await world.run(second, 'Now me.'))).toBe('normal');
    },

  'a Host that ends takes no work, and leaves a run at its question to the next one': async ({ open }) => {
    const world = await open([TOUCH], { serving: serving() });
    const { session_id, watcher, run_id } = await waitingRun(world);
    const runtime = world.backend.session(session_id);
    expect(await world.host.drain(60_000)).toBe(0);
    expect(types(await watcher.rest()).at(-1)).toBe('stream_closing');
    const message = { messages: [{ content: 'More.' }] };
    await refused(runtime.run(world.context, message), 'unavailable', /takes no more work/);
    await refused(world.session(teamOf()), 'unavailable', /takes no more work/);
    await refused(
      world.inner.call('session/list', { principal: '', scopes: ['read'] }, {}),
      'unavailable',
      /takes no more work/,
    );
    expect((await world.backend.listSessions(world.context, {})).sessions).toHaveLength(1);
    await world.host.close();

    const next = await open([{ text: 'Done.' }], {
      serving: serving(),
      data: world.data,
      folder: world.folder,
    });
    expect(await recover(next)).toEqual({ resumed: 1, elsewhere: 0, left: [] });
    await approve(next, session_id);
    const stream = new Watcher(next.backend.session(session_id).follow(next.context, { after: 0, run_id }));
    const events = await stream.rest();
    expect(stopReason(events)).toBe('normal');
    expect(types(events).filter((type) => ['tool_call_started', 'run_recovered'].includes(type))).toEqual([
      'run_recovered',
      'tool_call_started',
    ]);
  },

  'a tool that runs is let end; the model is not asked again before the next Host': async ({ open }) => {
    const world = await open([calls('shell', { cmd: 'while [ ! -e go ]; do sleep 0.02; done; echo went' })], {
      serving: serving(),
    });
    const runtime = await world.session(SHELL, { permissions: { allow: ['shell'] } });
    const run = await runtime.run(world.context, { messages: [{ content: 'Do it.' }] });
    const watcher = new Watcher(run);
    await watcher.until('tool_call_started');
    const drained = world.host.drain(60_000);
    await world.inner.call('session/list', world.context, {});
    await writeFile(join(world.folder, 'go'), '');
    expect(await drained).toBe(0);
    expect(types(await watcher.rest()).slice(-2)).toEqual(['tool_call_response', 'stream_closing']);
    expect(world.model.journal).toHaveLength(1);
    await world.host.close();

    const next = await open([{ text: 'Done.' }], {
      serving: serving(),
      data: world.data,
      folder: world.folder,
    });
    await recover(next);
    const stream = next.backend
      .session(runtime.session_id)
      .follow(next.context, { after: 0, run_id: run.run_id });
    const events = await new Watcher(stream).rest();
    expect(stopReason(events)).toBe('normal');
    expect(ofType(events, 'tool_call_started')).toHaveLength(1);
    expect(ofType(events, 'run_recovered')).toMatchObject([{ redone: [], unknown_effects: [] }]);
  },

  'what reaches no boundary in time is cut, and told of': async ({ open }) => {
    const world = await open([calls('shell', { cmd: 'sleep 100' })], { serving: serving() });
    const runtime = await world.session(SHELL, { permissions: { allow: ['shell'] } });
    const watcher = new Watcher(await runtime.run(world.context, { messages: [{ content: 'Do it.' }] }));
    await watcher.until('tool_call_started');
    expect(await world.host.drain(10)).toBe(1);
    await runtime.interrupt(world.context, {});
    expect(stopReason(await watcher.rest())).toBe('canceled');
  },

  'a server goes on with runs of servers alone, and not where somebody drives them': async ({ open }) => {
    const own = await open([TOUCH]);
    const local = await waitingRun(own);
    await own.host.close();
    await local.watcher.rest();
    const shared = { data: own.data, folder: own.folder };
    const server = await open([TOUCH], { serving: serving(), ...shared });
    expect(await recover(server)).toEqual({ resumed: 0, elsewhere: 0, left: [] });
    const { session_id } = await waitingRun(server);
    const other = await open([], { serving: serving(), ...shared });
    expect(await recover(other)).toEqual({ resumed: 0, elsewhere: 1, left: [] });
    const { sessions } = await other.backend.listSessions(other.context, {});
    const states = new Map(sessions.map((session) => [session.session_id, session['state']]));
    expect([states.get(local.session_id), states.get(session_id)]).toEqual(['interrupted', 'waiting']);
  },

  'a run whose folder is gone waits for a person, and one that is only looked at holds nobody up': async ({
    open,
  }) => {
    const world = await open([calls('shell', { cmd: 'sleep 2' })], { serving: serving() });
    const working_dir = join(world.folder, 'gone');
    await mkdir(working_dir);
    const runtime = await world.session(SHELL, { working_dir, permissions: { allow: ['shell'] } });
    const watcher = new Watcher(await runtime.run(world.context, { messages: [{ content: 'Do it.' }] }));
    await watcher.until('tool_call_started');
    await world.host.close();
    await rm(working_dir, { recursive: true });
    const next = await open([], { serving: serving(), data: world.data, folder: world.folder });
    const { session_id } = runtime;
    expect(await recover(next)).toMatchObject({
      resumed: 0,
      left: [{ session_id, reason: { code: 'not_found' } }],
    });
    await next.backend.session(session_id).open(next.context, {});
    expect(next.host.size).toBe(1);
    expect(await next.host.drain(60_000)).toBe(0);
  },

  'an interrupt that was accepted before the end holds after it': async ({ open }) => {
    const world = await open([TOUCH], { serving: serving() });
    const { session_id, run_id } = await waitingRun(world);
    await world.host.close();
    const looker = await open([], { data: world.data, folder: world.folder });
    await looker.backend.session(session_id).interrupt(looker.context, {});
    await looker.host.close();
    const next = await open([], { serving: serving(), data: world.data, folder: world.folder });
    await recover(next);
    const stream = next.backend.session(session_id).follow(next.context, { after: 0, run_id });
    expect(stopReason(await new Watcher(stream).rest())).toBe('canceled');
  },

  'a run whose variables lived in memory waits for them, by name': async ({ open }) => {
    const given = { runtime_config: { env: { OPENAI_API_KEY: 'given-key-123', OTHER_THING: 'not needed' } } };
    const env = { OPENAI_API_KEY: undefined };
    const world = await open([TOUCH], { serving: serving(), env });
    const runtime = await world.session(SHELL, { ...WAITING, ...given });
    const run = await runtime.run(world.context, { messages: [{ content: 'Do it.' }], unattended: 'wait' });
    await new Watcher(run).until('tool_call_confirmation');
    await world.host.close();

    const next = await open([{ text: 'Done.' }], {
      serving: serving(),
      env,
      data: world.data,
      folder: world.folder,
    });
    const { session_id } = runtime;
    const { left, resumed } = await recover(next);
    expect([resumed, left]).toMatchObject([0, [{ session_id, reason: { code: 'env_missing' } }]]);
    expect(left[0]?.reason.details).toEqual({ names: ['OPENAI_API_KEY'] });
    const again = { resume_session_id: session_id, unattended: 'wait' } as const;
    const { context, backend } = next;
    await refused(backend.createSession(context, again), 'env_missing', /needs OPENAI_API_KEY, whose values/);
    await backend.createSession(context, { ...again, ...given });
    await approve(next, session_id);
    const stream = backend.session(session_id).follow(context, { after: 0, run_id: run.run_id });
    expect(stopReason(await new Watcher(stream).rest())).toBe('normal');
    expect(JSON.stringify(await logOf(next, session_id))).not.toContain('given-key-123');
  },

  'a message needs the variables too': async ({ open }) => {
    const env = { OPENAI_API_KEY: undefined };
    const world = await open([{ text: 'Hello.' }], { serving: serving(), env });
    const runtime = await world.session(teamOf(), {
      runtime_config: { env: { OPENAI_API_KEY: 'given-key-123' } },
    });
    await world.run(runtime, 'Hello');
    await world.host.close();
    const next = await open([], { serving: serving(), env, data: world.data, folder: world.folder });
    const message = { messages: [{ content: 'More.' }] };
    const later = next.backend.session(runtime.session_id).run(next.context, message);
    await refused(later, 'env_missing', /OPENAI_API_KEY/);
    expect(types(await logOf(next, runtime.session_id)).at(-1)).not.toBe('user_message');
  },
};
