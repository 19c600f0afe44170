import { onTestFinished } from 'vitest';
import { SessionLog } from '../../../src/runtime/log/session-log.ts';
import type { NewSession } from '../../../src/protocol/store.ts';
import { openStore } from '../../../src/session/index.ts';

const ROW: NewSession['row'] = {
  session_id: 'ses_1',
  principal: 'admin',
  title: '',
  agent_name: 'root',
  working_dir: '/',
  team_digest: 'none',
  created_at: new Date(0).toISOString(),
  starred: false,
  input_tokens: 0,
  output_tokens: 0,
  cost: 0,
  settings: {},
};

/** The empty log of `ses_1` in a store of its own. */
export async function emptyLog(): Promise<SessionLog> {
  const store = await openStore({ path: ':memory:' });
  onTestFinished(() => store.close());
  await store.createSession({ row: ROW, events: [] });
  return new SessionLog(store, 'ses_1');
}
