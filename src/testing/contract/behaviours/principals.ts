import { expect } from 'vitest';
import { LOCAL_CONTEXT } from '../../../protocol/context.ts';
import type { Backend, Runtime } from '../../../protocol/backend.ts';
import type { RequestContext } from '../../../protocol/context.ts';
import { calls, failure, INLINE, refused, teamOf, Watcher, type Behaviours } from '../support.ts';
import { collect, type World } from '../world.ts';

const TEAM = teamOf(['shell']);

async function sessionOf(
  world: World,
  { backend, context }: { backend: Backend; context: RequestContext },
): Promise<Runtime> {
  const { session_id } = await backend.createSession(context, {
    source: INLINE(TEAM),
    working_dir: world.folder,
    unattended: 'wait',
  });
  return backend.session(session_id);
}

/** Every way to a session that is somebody else's. */
function ways(
  { backend, context }: { backend: Backend; context: RequestContext },
  session_id: string,
): Record<string, () => Promise<unknown>> {
  const runtime = backend.session(session_id);
  const messages = [{ content: 'mine now' }];
  return {
    open: () => runtime.open(context, {}),
    transcript: () => runtime.transcript(context, {}),
    follow: () => collect(runtime.follow(context, { follow: false })),
    run: () => runtime.run(context, { messages }),
    steer: () => runtime.steer(context, { messages }),
    followUp: () => runtime.followUp(context, { messages }),
    answer: () => runtime.answer(context, { request_id: 'req_1', decision: 'approve' }),
    interrupt: () => runtime.interrupt(context, {}),
    pause: () => runtime.pause(context, { paused: true }),
    setSafety: () => runtime.setSafety(context, { safety: 'autonomous' }),
    setPermissions: () => runtime.setPermissions(context, { permissions: { allow: ['shell'] } }),
    setTitle: () => runtime.setTitle(context, { title: 'mine' }),
    compact: () => runtime.compact(context, {}),
    cassette: () => runtime.cassette(context, {}),
    blob: () => runtime.blob(context, { id: 'blob_1' }),
    usage: () => runtime.usage(context, {}),
    delete: () => backend.deleteSessions(context, { session_id }),
    resume: () => backend.createSession(context, { resume_session_id: session_id }),
    prefix: () => backend.session(session_id.slice(0, 12)).open(context, {}),
  };
}

export const principalBehaviours: Behaviours = {
  'a session of somebody else is not found, whatever is asked of it': async ({ open }) => {
    const world = await open();
    const alice = world.as('alice', ['read', 'run', 'approve']);
    const bob = world.as('bob', ['read', 'run', 'approve']);
    const { session_id } = await sessionOf(world, alice);
    for (const [way, call] of Object.entries(ways(bob, session_id))) {
      const error = await failure(call());
      expect({ way, code: error.code }).toEqual({ way, code: 'not_found' });
    }
    expect((await alice.backend.session(session_id).open(alice.context, {})).session.title).toBe('');
  },

  'lists show their own to everybody, and all to admin': async ({ open }) => {
    const world = await open();
    const alice = world.as('alice', ['read', 'run']);
    const bob = world.as('bob', ['read', 'run']);
    await sessionOf(world, alice);
    await sessionOf(world, bob);
    const count = async ({ backend, context }: { backend: Backend; context: RequestContext }) =>
      (await backend.listSessions(context, {})).sessions.length;
    expect([await count(alice), await count(bob), await count(world)]).toEqual([1, 1, 2]);
    const newest = await alice.backend.session('-1').open(alice.context, {});
    await refused(alice.backend.session('-2').open(alice.context, {}), 'not_found', /-2/);
    expect(newest.session.session_id).not.toBe(
      (await bob.backend.session('-1').open(bob.context, {})).session.session_id,
    );
  },

  'a live run of somebody else is not listed and not followed': async ({ open }) => {
    const world = await open([{ hang_after: 'before' }]);
    const alice = world.as('alice', ['read', 'run']);
    const bob = world.as('bob', ['read', 'run']);
    const runtime = await sessionOf(world, alice);
    const stream = await runtime.run(alice.context, { messages: [{ content: 'go' }] });
    const watcher = new Watcher(stream);
    await watcher.until('model_call');
    expect((await bob.backend.listRuns(bob.context, {})).runs).toEqual([]);
    expect((await alice.backend.listRuns(alice.context, {})).runs).toHaveLength(1);
    const error = await failure(collect(bob.backend.followRun(bob.context, { run_id: stream.run_id })));
    expect(['not_found', 'no_run']).toContain(error.code);
    expect(error.message).not.toContain(runtime.session_id);
    await runtime.interrupt(alice.context, {});
    await watcher.rest();
  },

  'an upload of somebody else is not found': async ({ open }) => {
    const world = await open();
    const alice = world.as('alice', ['read', 'run']);
    const bob = world.as('bob', ['read', 'run']);
    const bytes = new TextEncoder().encode('secret');
    const { upload_id } = await alice.backend.upload(alice.context, { media_type: 'text/plain' }, bytes);
    const runtime = await sessionOf(world, bob);
    const part = { type: 'file', upload_id, name: 'x', media_type: 'text/plain' } as const;
    await refused(
      runtime.run(bob.context, { messages: [{ content: 'read', parts: [part] }] }),
      'not_found',
      new RegExp(upload_id),
    );
    await refused(
      bob.backend.loadTeam(bob.context, { source: INLINE(TEAM), prompt_files: [{ name: 'x', upload_id }] }),
      'not_found',
      new RegExp(upload_id),
    );
    const cassette = { mode: 'replay', upload_id } as const;
    await refused(
      bob.backend.createSession(bob.context, {
        source: INLINE(TEAM),
        working_dir: world.folder,
        runtime_config: { cassette },
      }),
      'not_found',
      new RegExp(upload_id),
    );
  },

  'who lacks the scope is forbidden, and hears which': async ({ open }) => {
    const world = await open();
    const reader = world.as('reader', ['read']);
    const runner = world.as('runner', ['read', 'run']);
    await refused(sessionOf(world, reader), 'forbidden', /session\/create needs the scope run/);
    const runtime = await sessionOf(world, runner);
    await refused(
      runtime.answer(runner.context, { request_id: 'r', decision: 'approve' }),
      'forbidden',
      /session\/answer needs the scope approve/,
    );
    await refused(runner.backend.doctor(runner.context, {}), 'forbidden', /admin/);
  },

  'events say who sent an input': async ({ open }) => {
    const world = await open([calls('shell', { cmd: 'touch a' }), { text: 'ok' }]);
    const alice = world.as('alice', ['read', 'run', 'approve']);
    const runtime = await sessionOf(world, alice);
    const watcher = new Watcher(await runtime.run(alice.context, { messages: [{ content: 'go' }] }));
    expect(watcher.seen).toEqual([]);
    const question = await watcher.until('tool_call_confirmation');
    expect(watcher.seen.find(({ type }) => type === 'user_message')).toMatchObject({ by: 'alice' });
    const admin = world.backend.session(runtime.session_id);
    await admin.answer(world.context, { request_id: String(question['request_id']), decision: 'reject' });
    const resolved = await watcher.until('interaction_resolved');
    expect(resolved['by']).toBe(LOCAL_CONTEXT.principal);
    await watcher.rest();
  },

  'a key of one principal is not a key of another': async ({ open }) => {
    const world = await open();
    const alice = world.as('alice', ['read', 'run']);
    const bob = world.as('bob', ['read', 'run']);
    const made = await Promise.all(
      [alice, bob].map(({ backend, context }) =>
        backend.createSession(
          { ...context, idempotency_key: 'same' },
          { source: INLINE(TEAM), working_dir: world.folder },
        ),
      ),
    );
    expect(made[0]?.session_id).not.toBe(made[1]?.session_id);
  },
};
