import { expect, onTestFinished, test } from 'vitest';
import type { EventDraft } from '../../../src/protocol/store.ts';
import { SessionLog } from '../../../src/runtime/log/session-log.ts';
import { openStore } from '../../../src/session/index.ts';

const run = { session_id: 'ses_1', run_id: 'run_1', agent_name: 'root' };
const question = (request_id: string): EventDraft => ({
  type: 'max_iterations_reached',
  fields: { ...run, request_id, max_iterations: 1, held_by: 'step' },
});
const resolved = (request_id: string): EventDraft => ({
  type: 'interaction_resolved',
  fields: { ...run, request_id, kind: 'max_iterations', outcome: 'canceled' },
});

test('of questions that are put and resolved at once, the row of the session counts each', async () => {
  const store = await openStore({ path: ':memory:' });
  onTestFinished(() => store.close());
  const created_at = new Date(0).toISOString();
  await store.createSession({
    row: {
      session_id: 'ses_1',
      principal: 'admin',
      title: '',
      agent_name: 'root',
      working_dir: '/',
      team_digest: 'none',
      created_at,
      starred: false,
      input_tokens: 0,
      output_tokens: 0,
      cost: 0,
      settings: {},
    },
    events: [],
  });
  const lease = await store.acquireLease('ses_1');
  if (lease.kind !== 'acquired') throw new Error('a new session has an owner');
  const log = new SessionLog(store, 'ses_1');
  log.epoch = lease.epoch;
  const waiting = async (): Promise<number | undefined> => (await store.session('ses_1'))?.waiting;

  await log.append({ events: [{ type: 'stream_started', fields: { ...run, max_iterations: 1 } }] });
  expect(await waiting()).toBe(0);
  await Promise.all(['req_1', 'req_2'].map((id) => log.append({ events: [question(id)] })));
  expect(await waiting()).toBe(2);
  // Put again by a recovery, under its id.
  await log.append({ events: [question('req_1')] });
  expect(await waiting()).toBe(2);
  await Promise.all([
    log.append({ events: [resolved('req_1')] }),
    log.append({ events: [question('req_3'), resolved('req_3')] }),
    log.append({ events: [resolved('req_1')] }),
  ]);
  expect(await waiting()).toBe(1);
  await log.append({ events: [resolved('req_2')] });
  expect(await waiting()).toBe(0);
});
