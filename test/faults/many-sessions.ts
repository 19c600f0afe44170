/** Many sessions in one process, a run each; says what it holds before, with all of them open, and after it let go of everything. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { readProcessTable } from '../../src/process/process-table.ts';
import { bindBackend } from '../../src/protocol/backend.ts';
import { LOCAL_CONTEXT } from '../../src/protocol/context.ts';
import { createLocalBackend } from '../../src/runtime/local-backend.ts';
import { realHostOptions } from '../../src/runtime/real-host.ts';
import { openStore } from '../../src/session/index.ts';

export interface ManySessions {
  data: string;
  folder: string;
  team: string;
  warm: number;
  sessions: number;
}

/** What a process holds. Memory in bytes, after a collection. */
export interface Held {
  memory: number;
  files: number;
  resources: Record<string, number>;
  children: number;
}

async function held(): Promise<Held> {
  for (let round = 0; round < 4; round += 1) {
    await turn();
    globalThis.gc?.();
  }
  const resources: Record<string, number> = {};
  for (const name of process.getActiveResourcesInfo()) resources[name] = (resources[name] ?? 0) + 1;
  return {
    memory: process.memoryUsage().heapUsed + process.memoryUsage().external,
    files: readdirSync('/proc/self/fd').length,
    resources,
    children: readProcessTable().entries.filter((entry) => entry.parent === process.pid && !entry.zombie)
      .length,
  };
}

const wanted = JSON.parse(process.env['YONDER_MANY'] ?? '{}') as ManySessions;

async function main(): Promise<void> {
  // Both are opened at their first use, by whoever comes first.
  const outputs = [process.stdout, process.stderr];
  if (outputs.some((output) => output.destroyed)) throw new Error('there is nowhere to write to');
  const begin = await held();
  const store = await openStore({ path: join(wanted.data, 'session.db') });
  const real = realHostOptions({
    store,
    spool_dir: join(wanted.data, 'spool'),
    snapshot_dir: join(wanted.data, 'snapshots'),
    cache_dir: join(wanted.data, 'cache'),
    home: wanted.folder,
    own_folders: [wanted.data],
    env: { PATH: process.env['PATH'], HOME: wanted.folder, OPENAI_API_KEY: 'test-key' },
    default_working_dir: wanted.folder,
    version: 'test',
  });
  const backend = bindBackend(createLocalBackend(real.options).transport);
  const source = { kind: 'inline', entry: 'team.yaml', files: { 'team.yaml': wanted.team } } as const;
  const loaded = await backend.loadTeam(LOCAL_CONTEXT, { source });
  const trust = loaded.needs_trust === undefined ? {} : { trust: { digest: loaded.needs_trust.digest } };
  const reasons: Record<string, number> = {};
  const runOne = async (): Promise<void> => {
    const created = await backend.createSession(LOCAL_CONTEXT, {
      source,
      ...trust,
      working_dir: wanted.folder,
      safety: 'autonomous',
    });
    const runtime = backend.session(created.session_id);
    for await (const event of await runtime.run(LOCAL_CONTEXT, { messages: [{ content: 'go' }] })) {
      if (event.type !== 'stream_stopped') continue;
      const { reason } = JSON.parse(event.json) as { reason: string };
      reasons[reason] = (reasons[reason] ?? 0) + 1;
    }
    await runtime.close();
  };
  for (let count = 0; count < wanted.warm; count += 1) await runOne();
  const before = await held();
  for (let count = 0; count < wanted.sessions; count += 1) await runOne();
  const open = await held();
  await backend.close();
  await real.close();
  const after = await held();
  process.stdout.write(JSON.stringify({ begin, before, open, after, reasons }));
}

// Nothing ends this process but that nothing is left to do in it.
await main();
