import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { LOCAL_CONTEXT } from '../../src/protocol/context.ts';
import { type Row, wall } from '../row.ts';
import { startServer } from '../server.ts';

const TAIL = 100;
const script = path.join(import.meta.dirname, '../cut-session.ts');

function sessionOf(events: number, folder: string): string {
  const made = spawnSync(process.execPath, [script, folder, String(events)], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`no session was made: ${made.stderr}`);
  return made.stdout;
}

export const row: Row = {
  what: 'reconnect at event 100,000 of a log on a server, a tail of 100',
  against: 'the same tail in a log of 1,000',
  bars: { wall: { ratio: 1.3, direction: 'at most' } },
  rounds: 21,
  async prepare() {
    const folder = await mkdtemp(path.join(tmpdir(), 'yonder-bench-'));
    const long = sessionOf(100_000, folder);
    const short = sessionOf(1_000, folder);
    const server = await startServer('turns', folder);
    async function tail(session_id: string): Promise<{ wall: number }> {
      const runtime = server.backend.session(session_id);
      const { as_of } = await runtime.queue(LOCAL_CONTEXT, {});
      const after = Number(as_of) - TAIL;
      let seen = 0;
      const time = await wall(async () => {
        for (let times = 0; times < 20; times += 1)
          for await (const { seq } of runtime.follow(LOCAL_CONTEXT, { after, follow: false }))
            if (seq !== undefined) seen += 1;
      });
      if (seen !== 20 * TAIL) throw new Error(`${seen} events came`);
      return { wall: time };
    }
    return {
      ours: () => tail(long),
      base: () => tail(short),
      async close() {
        await server.close();
        await rm(folder, { recursive: true, force: true });
      },
    };
  },
};
