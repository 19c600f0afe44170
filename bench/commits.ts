import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { EventDraft, Store, StoredEvent } from '../src/protocol/store.ts';
import { openStore } from '../src/session/index.ts';
import { type Pair, type Row, wall } from './row.ts';

/** About what a tool result of a few lines takes. Characters. */
const output = 'x'.repeat(600);
/** As long, in words: each goes into the full-text index. */
const words = Array.from({ length: 100 }, (_, index) => `word${(index * 37) % 1000}`.slice(0, 5)).join(' ');
const log = 2 ** 30;

async function drivenSession(store: Store): Promise<number> {
  await store.createSession({
    row: {
      session_id: 'ses_bench',
      principal: 'admin',
      title: '',
      agent_name: 'root',
      working_dir: '/',
      team_digest: 'none',
      created_at: new Date().toISOString(),
      starred: false,
      input_tokens: 0,
      output_tokens: 0,
      cost: 0,
      settings: {},
    },
    events: [],
  });
  const lease = await store.acquireLease('ses_bench');
  if (lease.kind !== 'acquired') throw new Error('a fresh session has an owner already');
  return lease.epoch;
}

/** The same tables with nothing around them: one transaction inserts one event and one step. */
function bareDatabase(file: string, flush: boolean) {
  const database = new DatabaseSync(file);
  database.exec(`
    PRAGMA journal_mode = WAL; PRAGMA synchronous = ${flush ? 'FULL' : 'NORMAL'};
    CREATE TABLE events(position INTEGER PRIMARY KEY, type TEXT NOT NULL, json TEXT NOT NULL) STRICT;
    CREATE TABLE steps(
      log INTEGER NOT NULL, step_id TEXT NOT NULL, position INTEGER NOT NULL, count INTEGER NOT NULL, PRIMARY KEY(log, step_id)
    ) STRICT, WITHOUT ROWID;`);
  const begin = database.prepare('BEGIN IMMEDIATE');
  const commit = database.prepare('COMMIT');
  const event = database.prepare('INSERT INTO events(position, type, json) VALUES (?, ?, ?)');
  const step = database.prepare('INSERT INTO steps(log, step_id, position, count) VALUES (?, ?, ?, ?)');
  return {
    insert(seq: number, { type, json }: StoredEvent): void {
      begin.run();
      step.run(1, `run/1/call/${seq}`, log + seq, 1);
      event.run(log + seq, type, json);
      commit.run();
    },
    close: () => database.close(),
  };
}

function answered(seq: number): EventDraft {
  return {
    type: 'tool_call_response',
    fields: { session_id: 'ses_bench', tool_call_id: `call_${seq}`, output },
  };
}

function said(seq: number): EventDraft {
  const message = { message_id: `msg_${seq}`, role: 'assistant', content: words };
  return { type: 'message_added', fields: { session_id: 'ses_bench', message } };
}

async function commitPair(commits: number, flush: boolean, isText: boolean): Promise<Pair> {
  const folder = await mkdtemp(path.join(tmpdir(), 'yonder-bench-'));
  const store = await openStore({ path: path.join(folder, 'ours.db') });
  const epoch = await drivenSession(store);
  const bare = bareDatabase(path.join(folder, 'bare.db'), flush);
  let ourSeq = 0;
  let bareSeq = 0;
  let texts: StoredEvent[] = [];

  async function append(): Promise<void> {
    texts = [];
    for (let made = 0; made < commits; made += 1) {
      ourSeq += 1;
      const step_id = `run/1/call/${ourSeq}`;
      const events = [isText ? said(ourSeq) : answered(ourSeq)];
      const result = await store.append({ root_id: 'ses_bench', epoch, step_id, events, flush });
      if (result.kind !== 'appended') throw new Error(`a new step was ${result.kind}`);
      texts.push(...result.events);
    }
  }

  return {
    ours: async () => ({ wall: await wall(append) }),
    base: async () => ({
      wall: await wall(() => {
        for (const text of texts) bare.insert((bareSeq += 1), text);
      }),
    }),
    async close() {
      bare.close();
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
}

export function commitRow(name: string, commits: number, flush: boolean, isText = false): Row {
  return {
    what: `one durable commit, ${name}`,
    against: 'a bare transaction that inserts the same bytes under the same keys',
    bars: { wall: { ratio: 1.5, direction: 'at most' } },
    rounds: 11,
    prepare: () => commitPair(commits, flush, isText),
  };
}
