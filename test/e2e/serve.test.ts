import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { createHttpTransport } from '../../src/client/http-transport.ts';
import { bindBackend, type Backend } from '../../src/protocol/backend.ts';
import { LOCAL_CONTEXT } from '../../src/protocol/context.ts';
import { parseEvent } from '../../src/protocol/events/events.ts';
import { scriptCassette } from '../../src/testing/model-server/script-cassette.ts';
import type { ScriptedTurn } from '../../src/testing/model-server/script.ts';
import { teamText, test, until, type Running, type Scratch } from './cli.ts';

interface Server {
  running: Running;
  backend: Backend;
}

/** A served team whose every session plays these turns. */
async function prepare(place: Scratch, turns: readonly ScriptedTurn[]): Promise<void> {
  await place.write('team.yaml', teamText({ toolsets: ['shell'] }));
  const options = { api: 'openai_chatcompletions', model: 'gpt-4o' } as const;
  await place.write('cassette.yaml', scriptCassette(turns, options));
}

async function serve(place: Scratch, ...more: string[]): Promise<Server> {
  const words = ['serve', 'api', 'team.yaml', '--listen', '127.0.0.1:0', '--auth-token', 'the-token'];
  const running = place.start([...words, '--fake', 'cassette.yaml', '--fake-match', 'order', ...more]);
  await running.shows('listening on ');
  const baseUrl = /^listening on (\S+);/m.exec(running.stdout)?.[1] ?? '';
  return { running, backend: bindBackend(createHttpTransport({ baseUrl, token: 'the-token' })) };
}

/** A run of the only served team, as far as an event of this type. */
async function begin(backend: Backend, type: string, allow: string[] = []): Promise<[string, string]> {
  const { session_id } = await backend.createSession(LOCAL_CONTEXT, {
    unattended: 'wait',
    permissions: { allow },
  });
  const run = await backend.session(session_id).run(LOCAL_CONTEXT, { messages: [{ content: 'Go.' }] });
  for await (const event of run) if (event.type === type) return [session_id, run.run_id];
  throw new Error(`the run ended without ${type}`);
}

const shell = (cmd: string): ScriptedTurn => ({ tool_calls: [{ name: 'shell', arguments: { cmd } }] });

test('a server that was killed goes on with its runs when it starts again', async ({ place }) => {
  await prepare(place, [shell('echo once >> made.txt'), { text: 'Made.' }]);
  const first = await serve(place);
  const [session_id, run_id] = await begin(first.backend, 'tool_call_confirmation');
  first.running.signal('SIGKILL');
  await first.running.finished;
  const { running, backend } = await serve(place);
  expect(running.stderr).toContain('going on with 1 run that was cut off');
  const session = backend.session(session_id);
  const [question] = (await session.open(LOCAL_CONTEXT, {})).pending_interactions;
  const request_id = question?.request_id ?? '';
  await session.answer(LOCAL_CONTEXT, { request_id, decision: 'approve' });
  const events: Record<string, unknown>[] = [];
  for await (const event of session.follow(LOCAL_CONTEXT, { after: 0, run_id }))
    events.push(parseEvent(event.json));
  expect(events.at(-1)).toMatchObject({ type: 'stream_stopped', reason: 'normal' });
  expect(readFileSync(join(place.work, 'made.txt'), 'utf8')).toBe('once\n');
  running.signal('SIGTERM');
  const { code, stdout, stderr } = await running.finished;
  expect([code, stdout.split('\n').length]).toEqual([0, 2]);
  expect(stderr).toMatch(/ session\/answer 200 \d+ms admin$/m);
  expect(stderr).not.toContain('once');
});

test('a server waits for what runs, and the next start goes on from there', async ({ place }) => {
  await prepare(place, [
    shell('touch begun; while [ ! -e gate ]; do sleep 0.05; done; echo went'),
    { text: 'Done.' },
  ]);
  const first = await serve(place, '--drain', '60s');
  const [session_id] = await begin(first.backend, 'tool_call_started', ['shell']);
  await until(() => existsSync(join(place.work, 'begun')));
  first.running.signal('SIGTERM');
  await first.running.shows(
    'stopping: at most 60 s for what one session is doing; a second signal ends at once',
  );
  const more = first.backend.session(session_id).steer(LOCAL_CONTEXT, { messages: [{ content: 'More.' }] });
  await expect(more).rejects.toMatchObject({ code: 'unavailable' });
  await place.write('gate', '');
  expect((await first.running.finished).code).toBe(0);

  const second = await serve(place, '--drain', '60s');
  await second.running.shows('going on with 1 run that was cut off');
  await begin(second.backend, 'stream_stopped', ['shell']);
  await place.write('team.yaml', 'agents: {}');
  second.running.signal('SIGTERM');
  expect((await second.running.finished).code).toBe(0);
  const broken = await place.run(['serve', 'api', 'team.yaml', '--listen', '127.0.0.1:0']);
  expect([broken.code, broken.stdout]).toEqual([2, '']);
  expect(broken.stderr).toMatch(/^yonder: team\.yaml:1:\d+: /);
});

test('the second signal cuts what the first one waits for', async ({ place }) => {
  await prepare(place, [shell('touch begun; while [ -e begun ]; do sleep 0.05; done')]);
  const { running, backend } = await serve(place, '--drain', '60s');
  await begin(backend, 'tool_call_started', ['shell']);
  await until(() => existsSync(join(place.work, 'begun')));
  running.signal('SIGINT');
  await running.shows('stopping: ');
  running.signal('SIGINT');
  expect((await running.finished).code).toBe(130);
});
