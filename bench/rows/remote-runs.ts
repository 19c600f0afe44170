import { startMemoryServer, type MemoryServer } from '../memory-server.ts';
import type { Row } from '../row.ts';

const FIRST = 200;
const ALL = 2_000;
/** As `yonder serve api` does. */
const KEPT = 100;

/** Both sides are one server: its memory after the first runs, and then after all of them. */
export const row: Row = {
  what: 'memory of a server after 2,000 short runs, each in a session of its own',
  against: 'after the first 200',
  bars: { memory: { ratio: 1.2, direction: 'at most' } },
  rounds: 1,
  async prepare() {
    const server: MemoryServer = await startMemoryServer(KEPT);
    let first = 0;
    let rounds = 0;
    return {
      async ours() {
        rounds += 1;
        // The round that is not counted: nothing may warm what is measured.
        if (rounds === 1) return { memory: 0 };
        await server.run(FIRST);
        first = (await server.held()).resident;
        await server.run(ALL - FIRST);
        return { memory: (await server.held()).resident };
      },
      base: async () => ({ memory: first }),
      close: () => server.close(),
    };
  },
};
