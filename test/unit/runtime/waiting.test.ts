import { expect, test } from 'vitest';
import type { EventDraft } from '../../../src/protocol/store.ts';
import { emptyLog } from './session-log.ts';

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
  const log = await emptyLog();
  const lease = await log.store.acquireLease('ses_1');
  if (lease.kind !== 'acquired') throw new Error('a new session has an owner');
  log.epoch = lease.epoch;
  const waiting = async (): Promise<number | undefined> => (await log.store.session('ses_1'))?.waiting;

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
