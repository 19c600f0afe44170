import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { logOf, ofType, only, refused } from '../../../../src/testing/contract/support.ts';
import { collect, openWorld } from '../../../../src/testing/contract/world.ts';

/** The process is killed while the question stands; another one goes on. */
async function killed(tool: string) {
  const data = await mkdtemp(join(tmpdir(), 'yonder-data-'));
  const folder = await mkdtemp(join(tmpdir(), 'yonder-work-'));
  const script = join(import.meta.dirname, 'asking-process.ts');
  const child = spawn(process.execPath, [script, data, folder, tool], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  child.kill('SIGKILL');
  await once(child, 'exit');
  const [session_id = '', request_id = ''] = line.split(' ');
  const world = await openWorld({ arm: 'local', data, folder, turns: [{ text: 'Then not.' }] });
  try {
    const created = await world.backend.createSession(world.context, { resume_session_id: session_id });
    const runtime = world.backend.session(session_id);
    await collect(runtime.follow(world.context, { run_id: String(created.active_run?.run_id ?? '') }));
    const late = runtime.answer(world.context, {
      request_id,
      decision: tool === 'fix_ask' ? 'decline' : 'reject',
    });
    await refused(late, 'already_resolved', /was expired by recovery/);
    const events = await logOf(world, session_id);
    return { events, trace: (await readFile(join(data, 'trace'), 'utf8')).trim().split('\n') };
  } finally {
    await world.close();
    await rm(data, { recursive: true, force: true });
    await rm(folder, { recursive: true, force: true });
  }
}

test('a form that a dead connection held has expired, and its call is one that nobody knows of', async () => {
  const { events, trace } = await killed('fix_ask');
  expect(only(events, 'interaction_resolved')).toMatchObject({
    kind: 'elicitation',
    outcome: 'expired',
    by: 'recovery',
  });
  expect(only(events, 'run_recovered')).toMatchObject({
    unknown_effects: ['fix_ask (outer)'],
    lost_toolsets: ['fix'],
  });
  expect(only(events, 'tool_call_response')).toMatchObject({ tool_call_id: 'outer', outcome: 'unknown' });
  expect(events.at(-1)).toMatchObject({ type: 'stream_stopped', reason: 'normal' });
  // The server asked once, and the call was not made again.
  expect(trace).toEqual(['start', 'ask']);
});

test('so has a question of a server to the model', async () => {
  const { events, trace } = await killed('fix_think');
  expect(only(events, 'interaction_resolved')).toMatchObject({
    kind: 'tool_call_confirmation',
    outcome: 'expired',
  });
  expect(ofType(events, 'tool_call_response')).toHaveLength(2);
  expect(ofType(events, 'model_sample')).toEqual([]);
  expect(events.at(-1)).toMatchObject({ type: 'stream_stopped', reason: 'normal' });
  expect(trace).toEqual(['start', 'think']);
});
