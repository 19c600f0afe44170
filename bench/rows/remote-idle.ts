import { startMemoryServer } from '../memory-server.ts';
import type { Row } from '../row.ts';

const SESSIONS = 1_000;
/** What all sessions share, and the rooms that a process gets in advance, are there then. */
const WARM = 300;

export const row: Row = {
  what: 'memory of a server per open idle session, over 1,000, each of which had a run',
  against: undefined,
  bars: { memory: { below: 200, unit: 'KB' } },
  rounds: 1,
  async measure() {
    const server = await startMemoryServer(WARM + SESSIONS);
    try {
      await server.run(WARM);
      const before = await server.held();
      await server.run(SESSIONS);
      // What lives: the process itself has room from before, and would seem to hold less.
      return { memory: ((await server.held()).used - before.used) / SESSIONS / 1000 };
    } finally {
      await server.close();
    }
  },
};
