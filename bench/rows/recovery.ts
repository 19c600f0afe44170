import { spawn, spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Row, wall } from '../row.ts';

const EVENTS = 10_000;
const root = path.join(import.meta.dirname, '../..');
const bare = path.join(root, 'bench/parse-events.mjs');

/** No model is reached: the first new event comes before one is asked. The home stays, as a person's does: code is compiled once. */
function environment(folder: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    HOME: folder,
    OPENAI_API_KEY: 'none',
    HTTPS_PROXY: 'http://127.0.0.1:9',
  };
}

/** Until a process says a line that holds `words`; it is ended then. */
async function says(words: string, args: readonly string[], folder: string): Promise<number> {
  const env = environment(folder);
  let child: ReturnType<typeof spawn> | undefined;
  const gone = Promise.withResolvers<void>();
  const time = await wall(
    () =>
      new Promise<void>((resolve, reject) => {
        let text = '';
        child = spawn(process.execPath, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'] });
        child.stdout?.setEncoding('utf8').on('data', (piece: string) => {
          text += piece;
          if (text.includes(words)) resolve();
        });
        child.once('exit', (code) => {
          gone.resolve();
          reject(new Error(`${args[0]} ended with ${code} and did not say ${words}: ${text.slice(-500)}`));
        });
      }),
  );
  child?.kill('SIGKILL');
  await gone.promise;
  return time;
}

export const row: Row = {
  what: 'recovery of a session with 10,000 events, process start to first new event',
  against: 'a process that opens, reads and parses them',
  bars: { wall: { ratio: 1.5, direction: 'at most' } },
  rounds: 11,
  async prepare() {
    const folder = await mkdtemp(path.join(tmpdir(), 'yonder-bench-'));
    const store = path.join(folder, 'cut');
    await mkdir(store);
    const made = spawnSync(
      process.execPath,
      [path.join(root, 'bench/cut-session.ts'), store, String(EVENTS)],
      {
        encoding: 'utf8',
      },
    );
    if (made.status !== 0) throw new Error(`no session was made: ${made.stderr}`);
    const session_id = made.stdout;
    /** A process that goes on with a run changes the store: each gets a copy. */
    const copied = async (): Promise<string> => {
      const copy = path.join(folder, 'copy');
      await rm(copy, { recursive: true, force: true });
      await cp(store, copy, { recursive: true });
      return copy;
    };
    const recovering = (copy: string): string[] => {
      const flags = ['--session-db', path.join(copy, 'session.db'), '--exec', '--json'];
      return [path.join(root, 'bin/yonder.js'), 'run', '--session', session_id, ...flags];
    };
    // One that ends by itself, as a person's other commands do: those that are measured are killed and leave no compiled code.
    const whole = spawnSync(process.execPath, recovering(await copied()), {
      cwd: folder,
      env: environment(folder),
      encoding: 'utf8',
    });
    if (whole.status !== 1 || !whole.stdout.includes('"type":"stream_stopped"'))
      throw new Error(`the run ended with ${whole.status}: ${whole.stderr}`);
    return {
      async ours() {
        const command = recovering(await copied());
        return { wall: await says('"type":"run_recovered"', command, folder) };
      },
      async base() {
        const copy = await copied();
        return {
          wall: await says(`read ${EVENTS}`, [bare, path.join(copy, 'session.db'), String(EVENTS)], folder),
        };
      },
      close: () => rm(folder, { recursive: true }),
    };
  },
};
