import { DatabaseSync } from 'node:sqlite';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { openWorld, type World } from '../../../src/testing/contract/world.ts';
import { teamOf } from '../../../src/testing/contract/support.ts';
import type { Ids } from './requests.ts';

/** A Host with sessions that nobody works in, as hostile requests find it. */
export interface Ground {
  world: World;
  ids: Ids;
  /** Rows of every table of the store. */
  rows(): Record<string, number>;
  close(): Promise<void>;
}

export async function openGround(): Promise<Ground> {
  const world = await openWorld({
    arm: 'local',
    turns: [{ text: 'Done.' }],
  });
  const first = await world.session(teamOf(['filesystem', 'shell']));
  await world.run(first, 'go');
  const second = await world.session(teamOf());
  const database = new DatabaseSync(path.join(world.data, 'session.db'), { readOnly: true });
  return {
    world,
    ids: { real: [first.session_id, second.session_id], missing: '01missing00session00' },
    rows: () => rowsOf(database),
    async close() {
      database.close();
      await world.close();
    },
  };
}

/** The index of the search has tables of its own, which follow the others. */
function rowsOf(database: DatabaseSync): Record<string, number> {
  const tables = database
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'search_%'")
    .all();
  return Object.fromEntries(
    tables.map(({ name }) => [
      String(name),
      Number(database.prepare(`SELECT count(*) AS count FROM "${String(name)}"`).get()?.['count']),
    ]),
  );
}

/** Bytes in use after a collection. */
export function heldBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  return process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
}
