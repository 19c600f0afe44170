import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Egress } from '../../process/egress/egress.ts';
import { createModels } from '../../model/models.ts';
import { bindBackend, type Backend, type Runtime, type Transport } from '../../protocol/backend.ts';
import { LOCAL_CONTEXT, type RequestContext, type Scope } from '../../protocol/context.ts';
import type { CreateSessionRequest } from '../../protocol/contract/payloads.ts';
import { parseEvent, type WireEvent } from '../../protocol/events/events.ts';
import type { Host } from '../../runtime/host/host.ts';
import type { UserSkills } from '../../runtime/skills/places.ts';
import type { Serving } from '../../runtime/host/serving.ts';
import { createLocalBackend } from '../../runtime/local-backend.ts';
import { realHostOptions } from '../../runtime/real-host.ts';
import { openStore } from '../../session/index.ts';
import type { Toolset } from '../../tools/tool.ts';
import type { ScriptedTurn } from '../model-server/script.ts';
import { startModelServer, type ModelServer } from '../model-server/server.ts';
import type { ArmName } from './arms.ts';
import { openWayIn, type WayInOptions } from './way-in.ts';

export type Event = { type: string; seq?: number } & Record<string, unknown>;

/** A Backend over a real store, a real workspace and a scripted model, in one of the arms. */
export interface World {
  arm: ArmName;
  backend: Backend;
  transport: Transport;
  /** The Host itself, without client and server between. */
  inner: Transport;
  host: Host;
  context: RequestContext;
  model: ModelServer;
  /** The workspace folder. */
  folder: string;
  /** Where the Host keeps its store and its spool. */
  data: string;
  /** Makes a session of an inline team (trusted, as a file named on the command line is). */
  session(team: string, request?: CreateSessionRequest): Promise<Runtime>;
  /** Runs a message to its end and gives the events. */
  run(runtime: Runtime, content: string): Promise<Event[]>;
  /** The same place for somebody else: in process by another context, over the handler by another token. */
  as(
    principal: string,
    scopes: readonly Scope[],
    more?: Pick<RequestContext, 'policy' | 'approve_own'>,
  ): { backend: Backend; context: RequestContext };
  /** How many connections the arm `cut` broke. */
  broken(): number;
  /** How many bytes each connection of the arm `cut` brought to the client. */
  carried(): readonly number[];
  /** Throws where the model was called in a way that a provider refuses, or a message on the wire was none of the contract. */
  assertValid(): void;
  close(): Promise<void>;
}

export interface WorldOptions extends Partial<Omit<WayInOptions, 'arm' | 'callers'>> {
  arm: ArmName;
  /** What the Host's environment has beside or instead of the two keys. */
  env?: Readonly<Record<string, string | undefined>>;
  turns?: readonly ScriptedTurn[];
  /** In the place of the network that teams and tools by URL come from. */
  egress?: Egress;
  /** Tools of the program that holds the Host. */
  toolsets?: readonly Toolset[];
  /** Folders of the Host with skills of its user. */
  user_skills?: readonly UserSkills[];
  /** What the Host offers as a server does. */
  serving?: Serving;
  /** Keep what is stored of an earlier world. */
  data?: string;
  folder?: string;
}

export async function openWorld(options: WorldOptions): Promise<World> {
  const data = options.data ?? (await mkdtemp(join(tmpdir(), 'yonder-data-')));
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'yonder-work-')));
  const model = await startModelServer(options.turns ?? []);
  const store = await openStore({ path: join(data, 'session.db') });
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    OPENAI_API_KEY: 'test-key',
    ANTHROPIC_API_KEY: 'test-key',
    ...options.env,
  };
  const real = realHostOptions({
    store,
    spool_dir: join(data, 'spool'),
    cache_dir: join(data, 'cache'),
    snapshot_dir: join(data, 'snapshots'),
    own_folders: [data],
    home: folder,
    env,
    default_working_dir: folder,
    version: 'test',
    poll_ms: 20,
  });
  const local = createLocalBackend({
    ...real.options,
    platform: 'TestOS 1.0',
    ...(options.egress === undefined ? {} : { egress: options.egress }),
    ...(options.toolsets === undefined ? {} : { toolsets: options.toolsets }),
    ...(options.user_skills === undefined ? {} : { user_skills: options.user_skills }),
    ...(options.serving === undefined ? {} : { serving: options.serving }),
    models: ({ env: lookup, cassette, secrets, gateway }) =>
      createModels({
        env: lookup,
        fetch: toServer(model),
        times: { firstDelay: 1, longestDelay: 2 },
        ...(cassette === undefined ? {} : { cassette }),
        ...(secrets === undefined ? {} : { secrets }),
        ...(gateway === undefined ? {} : { gateway }),
      }),
  });
  const callers = new Map<string, RequestContext>();
  const { arm } = options;
  const way = arm === 'local' ? undefined : await openWayIn(local.transport, { ...options, arm, callers });
  const transport = way?.client() ?? local.transport;
  const backend = bindBackend(transport);
  const context: RequestContext = { ...LOCAL_CONTEXT };
  return {
    arm,
    backend,
    transport,
    inner: local.transport,
    host: local.host,
    context,
    model,
    folder,
    data,
    session: (team, request = {}) => openSession(backend, context, team, folder, request),
    run: (runtime, content) => runToEnd(runtime, context, content),
    as(principal, scopes, more = {}) {
      const other: RequestContext = { principal, scopes, ...more };
      if (way === undefined) return { backend, context: other };
      const token = `${principal}-${callers.size}`;
      callers.set(token, other);
      return { backend: bindBackend(way.client(token)), context: other };
    },
    broken: () => way?.broken() ?? 0,
    carried: () => way?.carried() ?? [],
    assertValid() {
      model.assertValid();
      if (way !== undefined && way.faults.length > 0)
        throw new Error(`on the wire: ${[...new Set(way.faults)].join('\n')}`);
    },
    async close() {
      await local.backend.close();
      await way?.close();
      await real.close();
      await model.close();
      if (options.data === undefined) await rm(data, { recursive: true, force: true, maxRetries: 3 });
      if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Sends what is meant for a provider to the scripted server. */
function toServer(model: ModelServer): typeof fetch {
  return (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input.toString());
    return fetch(new URL(`${url.pathname}${url.search}`, model.url), init);
  };
}

async function openSession(
  backend: Backend,
  context: RequestContext,
  team: string,
  folder: string,
  request: CreateSessionRequest,
): Promise<Runtime> {
  const source = { kind: 'inline', entry: 'team.yaml', files: { 'team.yaml': team } } as const;
  const loaded = await backend.loadTeam(context, { source });
  const trust = loaded.needs_trust === undefined ? undefined : { digest: loaded.needs_trust.digest };
  const created = await backend.createSession(context, {
    source,
    ...(trust === undefined ? {} : { trust }),
    working_dir: folder,
    unattended: 'refuse',
    ...request,
  });
  return backend.session(created.session_id);
}

export async function runToEnd(runtime: Runtime, context: RequestContext, content: string): Promise<Event[]> {
  return collect(await runtime.run(context, { messages: [{ content }] }));
}

export async function collect(stream: AsyncIterable<WireEvent>): Promise<Event[]> {
  const events: Event[] = [];
  for await (const event of stream) events.push(parseEvent(event.json));
  return events;
}
