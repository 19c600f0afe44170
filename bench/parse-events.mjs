// What `bench/rows/recovery.ts` measures a recovery against: opens a store, reads the first events of its only session and parses them.
import { DatabaseSync } from 'node:sqlite';

const [file, count] = process.argv.slice(2);
const database = new DatabaseSync(file);
const page = database.prepare(
  'SELECT position, type, json FROM events WHERE position > ? ORDER BY position LIMIT 500',
);
const events = [];
for (let after = 0; events.length < Number(count);) {
  const rows = page.all(after);
  for (const { position, json } of rows) {
    events.push(JSON.parse(json));
    after = position;
  }
}
process.stdout.write(`read ${count}\n`);
