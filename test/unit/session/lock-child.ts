/** Holds a store's write lock until it is told to let go, without being one of our Hosts. */
import { DatabaseSync } from 'node:sqlite';

const database = new DatabaseSync(process.argv[2] ?? '');
const exclusively = process.argv[3] === 'exclusive';
if (exclusively) database.exec('PRAGMA locking_mode = EXCLUSIVE');
database.exec('BEGIN IMMEDIATE; CREATE TABLE IF NOT EXISTS held(name TEXT)');
process.send?.('held');
process.on('message', () => {
  database.exec('ROLLBACK');
  database.close();
  process.disconnect();
});
process.on('disconnect', () => process.exit(0));
