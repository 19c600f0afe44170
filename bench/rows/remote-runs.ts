import { startMemoryServer, type Held, type MemoryServer } from '../memory-server.ts';
import type { Row } from '../row.ts';

const FIRST = 200;
const ALL = 2_000;
/** As `yonder serve api` does. */
const KEPT = 100;

const NOTHING = { memory: 0, 'resident memory': 0 };

function figures({ used, resident }: Held): typeof NOTHING {
  return { memory: used, 'resident memory': resident };
}

/**
 * Both sides are one server: its memory after the first runs, and then after all of them. What lives in it shows what is kept of a run; what the process
 * holds of the machine grows too while V8 still widens the room for young objects, which it does some time in the first 400 runs.
 */
export const row: Row = {
  what: 'memory of a server after 2,000 short runs, each in a session of its own',
  against: 'after the first 200',
  bars: {
    memory: { ratio: 1.2, direction: 'at most' },
    'resident memory': { ratio: 1.2, direction: 'at most' },
  },
  rounds: 1,
  async prepare() {
    const server: MemoryServer = await startMemoryServer(KEPT);
    let first = NOTHING;
    let rounds = 0;
    return {
      async ours() {
        rounds += 1;
        // The round that is not counted: nothing may warm what is measured.
        if (rounds === 1) return NOTHING;
        await server.run(FIRST);
        first = figures(await server.held());
        await server.run(ALL - FIRST);
        return figures(await server.held());
      },
      base: async () => first,
      close: () => server.close(),
    };
  },
};
