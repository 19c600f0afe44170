import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openStore } from '../../src/session/index.ts';
import { type Pair, type Row, wall } from '../row.ts';

const SESSIONS = 10_000;
/** Messages of a session; each is some 60 words out of 5,000. */
const MESSAGES = 6;
const SPAN = 2 ** 30;
/** Found in one message of ten, as a word that people look for is. */
const QUERIES = ['walrus', 'walrus ferry', '"walrus ferry"'];
const MATCHES = ['"walrus" *', '"walrus" * AND "ferry" *', '"walrus ferry"'];
const PAGE = 20;

function words(random: () => number): string {
  const made = Array.from({ length: 60 }, () => `word${Math.floor(random() * 5000)}`);
  if (random() < 0.1) made[30] = random() < 0.5 ? 'walrus ferry' : 'walrus';
  return made.join(' ');
}

/** The same numbers on every run. */
function generator(): () => number {
  let state = 1;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

/** Filled by its tables: 10,000 sessions through the Host would take minutes. */
function fill(file: string): void {
  const database = new DatabaseSync(file);
  const random = generator();
  const session = database.prepare(
    `INSERT INTO sessions(log, session_id, principal, title, agent_name, working_dir, team_digest, created_at, updated_at, starred,
     input_tokens, output_tokens, cost, settings) VALUES (?, ?, 'local', ?, 'root', '/work', 'd', '2026', '2026', 0, 0, 0, 0, '{}')`,
  );
  const event = database.prepare('INSERT INTO events(position, type, json) VALUES (?, ?, ?)');
  const index = database.prepare('INSERT INTO search(rowid, body) VALUES (?, ?)');
  database.exec('BEGIN');
  for (let log = 1; log <= SESSIONS; log += 1) {
    session.run(log, `session${log}`, `Session ${log}`);
    for (let seq = 1; seq <= MESSAGES; seq += 1) {
      const message = words(random);
      const json = JSON.stringify({
        seq,
        type: 'user_message',
        session_id: `session${log}`,
        message_id: `m${seq}`,
        message,
      });
      event.run(log * SPAN + seq, 'user_message', json);
      index.run(log * SPAN + seq, message);
    }
  }
  database.exec('COMMIT');
  database.close();
}

async function prepare(): Promise<Pair> {
  const folder = await mkdtemp(path.join(tmpdir(), 'yonder-bench-'));
  const file = path.join(folder, 'session.db');
  await (await openStore({ path: file })).close();
  fill(file);
  const store = await openStore({ path: file });
  const bare = new DatabaseSync(file, { readOnly: true });
  const query = bare.prepare('SELECT rowid, body FROM search WHERE search MATCH ? ORDER BY rank LIMIT ?');
  return {
    ours: async () => ({
      wall: await wall(async () => {
        for (const text of QUERIES) {
          const hits = await store.search({ query: text, principal: 'local', limit: PAGE, offset: 0 });
          if (hits.length !== PAGE) throw new Error(`${text} was found ${hits.length} times`);
        }
      }),
    }),
    base: async () => ({
      wall: await wall(() => {
        for (const match of MATCHES) query.all(match, PAGE);
      }),
    }),
    async close() {
      bare.close();
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
}

export const row: Row = {
  what: 'full-text search over 10,000 sessions',
  against: 'the bare FTS query',
  bars: { wall: { ratio: 2, direction: 'at most' } },
  rounds: 11,
  prepare,
};
