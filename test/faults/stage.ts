import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { parseEvent } from '../../src/protocol/events/events.ts';
import type { Store } from '../../src/protocol/store.ts';
import { openStore } from '../../src/session/index.ts';
import { startModelServer, type ModelServer } from '../../src/testing/model-server/server.ts';
import { cases } from '../long.ts';
import { DriverProcess, programFile, type DriverOptions, type Shown } from './driver-process.ts';
import { repeated, type Scenario } from './scenarios.ts';

/** Many processes on few cores take their time. */
vi.setConfig({ testTimeout: cases(180_000, 300_000) });

/** Folders and a model server for one case, with the processes that work on them. */
export interface Stage {
  data: string;
  folder: string;
  model: ModelServer;
  process(options?: Partial<DriverOptions>): DriverProcess;
  /** The same in a process that `spared` gave, in a new one where there is none: half of a short run is the start of its process. */
  processIn(spare: DriverProcess | undefined, options?: Partial<DriverOptions>): Promise<DriverProcess>;
  /** Closes the Host of that process, which then outlives this stage. */
  spared(process: DriverProcess): Promise<DriverProcess>;
  /** Makes a session in that process; its id. */
  session(process: DriverProcess, more?: Record<string, unknown>): Promise<string>;
  /** Looks into the store beside the Hosts. */
  look<Result>(body: (store: Store) => Promise<Result>): Promise<Result>;
  log(session_id: string): Promise<Shown[]>;
  /** Words that commands appended to `effects`. */
  effects(): Promise<string[]>;
  close(): Promise<void>;
}

export async function openStage(
  scenario: Pick<Scenario, 'team' | 'safety' | 'turns'>,
  times?: number,
  /** A folder of its own for the store, e.g. on a disk of its own. */
  place?: string,
): Promise<Stage> {
  const data = place ?? (await mkdtemp(join(tmpdir(), 'yonder-faults-')));
  const folder = await mkdtemp(join(tmpdir(), 'yonder-faults-'));
  for (const name of ['a.txt', 'b.txt']) await writeFile(join(folder, name), `This is ${name}\n`);
  const driver = await programFile('driver');
  const model = await startModelServer(repeated(scenario.turns, times));
  const processes: DriverProcess[] = [];
  let closed = false;
  const stage: Stage = {
    data,
    folder,
    model,
    process(options = {}) {
      const made = new DriverProcess(driver, { data, folder, ...options });
      processes.push(made);
      return made;
    },
    async processIn(spare, options = {}) {
      if (spare === undefined) return stage.process(options);
      processes.push(spare);
      await spare.reopen({ data, folder, ...options });
      return spare;
    },
    async spared(process) {
      await process.rest();
      processes.splice(processes.indexOf(process), 1);
      return process;
    },
    session: (process, more = {}) => createSession(process, scenario, model.url, folder, more),
    look: (body) => look(data, body),
    log: (session_id) => look(data, (store) => readLog(store, session_id)),
    async effects() {
      const path = join(folder, 'effects');
      return existsSync(path) ? (await readFile(path, 'utf8')).split('\n').slice(0, -1) : [];
    },
    async close() {
      if (closed) return;
      closed = true;
      for (const process of processes) await process.kill();
      await model.close();
      if (place === undefined) await rm(data, { recursive: true, force: true });
      await rm(folder, { recursive: true, force: true });
    },
  };
  onTestFinished(() => stage.close());
  return stage;
}

async function createSession(
  process: DriverProcess,
  scenario: Pick<Scenario, 'team' | 'safety'>,
  model_url: string,
  folder: string,
  more: Record<string, unknown>,
): Promise<string> {
  const source = {
    kind: 'inline',
    entry: 'team.yaml',
    files: { 'team.yaml': scenario.team(model_url) },
  };
  const loaded = await process.call('team/load', { source });
  const needed = loaded?.['needs_trust'] as { digest: string } | undefined;
  const created = await process.call('session/create', {
    source,
    ...(needed === undefined ? {} : { trust: { digest: needed.digest } }),
    working_dir: folder,
    unattended: 'wait',
    safety: scenario.safety,
    ...more,
  });
  return String(created?.['session_id']);
}

async function look<Result>(data: string, body: (store: Store) => Promise<Result>): Promise<Result> {
  const store = await openStore({ path: join(data, 'session.db'), readOnly: true });
  try {
    return await body(store);
  } finally {
    await store.close();
  }
}

/** The whole log; every number is checked against its place and against its text. */
async function readLog(store: Store, session_id: string): Promise<Shown[]> {
  const events: Shown[] = [];
  for (;;) {
    const page = await store.readEvents(session_id, events.length, 500);
    for (const event of page) {
      const body: Shown = parseEvent(event.json);
      if (event.seq !== events.length + 1 || body.seq !== event.seq)
        throw new Error(`event ${events.length + 1} of the log has the number ${event.seq}`);
      events.push(body);
    }
    if (page.length < 500) return events;
  }
}
