import { expect, test } from 'vitest';
import { collect, openWorld } from '../../src/testing/contract/world.ts';
import { teamOf } from '../../src/testing/contract/support.ts';

test('a reader that follows while the Host closes is told so', async () => {
  const world = await openWorld({ arm: 'local' });
  const runtime = await world.session(teamOf());
  const reading = collect(runtime.follow(world.context, {}));
  await expect.poll(() => world.inner !== undefined).toBe(true);
  await world.close();
  const events = await reading;
  expect(events.at(-1)).toEqual({
    type: 'stream_closing',
    reason: 'host_closing',
    message: 'the Host is closing',
  });
});

test('a title that is given on resume stands in the log and in the list', async () => {
  const world = await openWorld({ arm: 'handler' });
  const runtime = await world.session(teamOf());
  await world.backend.createSession(world.context, {
    resume_session_id: runtime.session_id,
    title: 'Second try',
  });
  const { sessions } = await world.backend.listSessions(world.context, {});
  expect(sessions.map(({ title }) => title)).toEqual(['Second try']);
  const log = await collect(runtime.follow(world.context, { follow: false }));
  expect(log.filter(({ type }) => type === 'session_title').map(({ title }) => title)).toEqual([
    'Second try',
  ]);
  await world.close();
});

test.each([
  { safety: 'strict', events: 0 },
  { safety: 'balanced', events: 1 },
] as const)('resuming a strict session as $safety adds $events events', async ({ safety, events }) => {
  const world = await openWorld({ arm: 'local' });
  const runtime = await world.session(teamOf(), { safety: 'strict' });
  const before = (await runtime.open(world.context, {})).as_of;
  const resumed = await world.backend.createSession(world.context, {
    resume_session_id: runtime.session_id,
    safety,
  });
  expect(resumed.as_of).toBe(before + events);
  await world.close();
});
