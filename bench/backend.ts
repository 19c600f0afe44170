import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Backend, Runtime, Transport } from '../src/protocol/backend.ts';
import { LOCAL_CONTEXT } from '../src/protocol/context.ts';
import type { CreateSessionRequest } from '../src/protocol/contract/payloads.ts';
import type { Models } from '../src/model/index.ts';
import type { Serving } from '../src/runtime/host/serving.ts';
import { createLocalBackend } from '../src/runtime/local-backend.ts';
import { realHostOptions } from '../src/runtime/real-host.ts';
import { openStore } from '../src/session/index.ts';

/** One agent that a bench may ask; it has the todo list as its tools and no limit of turns. */
const TEAM = `
agents:
  root:
    model: openai/gpt-4o-mini
    instruction: Keep the list.
    toolsets:
      - type: todo
`;

export interface BenchBackend {
  /** For a server's handler. */
  transport: Transport;
  /** A new session of the one-agent team, open and idle. */
  session(request?: CreateSessionRequest): Promise<Runtime>;
  /** One that another process has made. */
  open(session_id: string): Runtime;
  close(): Promise<void>;
}

/** A local backend over a real store in a folder of its own or in one that is shared, with these models in the place of real ones. */
export async function openBackend(
  models: () => Models,
  shared?: string,
  serving?: Serving,
): Promise<BenchBackend> {
  const folder = shared ?? (await mkdtemp(path.join(tmpdir(), 'yonder-bench-')));
  const store = await openStore({ path: path.join(folder, 'session.db') });
  const real = realHostOptions({
    store,
    spool_dir: path.join(folder, 'spool'),
    snapshot_dir: path.join(folder, 'snapshots'),
    cache_dir: path.join(folder, 'cache'),
    own_folders: [folder],
    home: folder,
    env: { PATH: process.env['PATH'], HOME: folder, OPENAI_API_KEY: 'none' },
    default_working_dir: folder,
    version: 'bench',
  });
  const { backend, transport } = createLocalBackend({
    ...real.options,
    models,
    ...(serving === undefined ? {} : { serving }),
  });
  return {
    transport,
    session: (request) => newSession(backend, request),
    open: (session_id) => backend.session(session_id),
    async close() {
      await backend.close();
      await real.close();
      if (shared === undefined) await rm(folder, { recursive: true });
    },
  };
}

/** A new session of the one-agent team, here or on a server. */
export async function newSession(backend: Backend, request: CreateSessionRequest = {}): Promise<Runtime> {
  const source = { kind: 'inline', entry: 'team.yaml', files: { 'team.yaml': TEAM } } as const;
  const { needs_trust } = await backend.loadTeam(LOCAL_CONTEXT, { source });
  const { session_id } = await backend.createSession(LOCAL_CONTEXT, {
    ...request,
    source,
    ...(needs_trust === undefined ? {} : { trust: { digest: needs_trust.digest } }),
  });
  return backend.session(session_id);
}
