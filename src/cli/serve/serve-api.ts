import { join, resolve } from 'node:path';
import { readUserConfig, type UserConfig } from '../../config/user-config.ts';
import { onSignals } from '../../process/signals.ts';
import type { Serving } from '../../runtime/host/serving.ts';
import { readAddress, type Address } from '../../server/listen/address.ts';
import type { Listener } from '../../server/listen/listen.ts';
import { readTls } from '../../server/listen/tls.ts';
import { requestLog } from '../../server/request-log.ts';
import { startServer } from '../../server/server.ts';
import { openHost, type OpenedHost } from '../backend.ts';
import { withEnvironment } from '../flags/environment.ts';
import { placesOf, type Places } from '../places.ts';
import { reservedNames } from '../reserved-names.ts';
import type { Io } from '../terminal/io.ts';
import { refuseContradictions } from './check-serve-flags.ts';
import { drain, recoverRuns } from './host-life.ts';
import { pullTeams } from './pull-teams.ts';
import { type Say, sayTo } from './say.ts';
import type { ServeFlags } from './serve-flags.ts';
import { serveTeams } from './serve-teams.ts';
import { servedCassette } from './served-cassette.ts';
import { whoMayCome, type WhoMayCome } from './who-may-come.ts';

/** What the server is made of, once its command line is understood. */
interface Parts {
  flags: ServeFlags;
  words: readonly string[];
  io: Io;
  /** Where sessions work that name no folder, absolute. */
  folder: string;
  address: Address;
  config: UserConfig;
  host: OpenedHost;
  serving: Serving;
  who: WhoMayCome;
  say: Say;
  /** Aborts when the server is told to stop. */
  stopping: AbortSignal;
}

/** A session that is open costs some 150 KB, and a few milliseconds to open again. */
const KEPT_IDLE = 100;

/** How long answers that are on their way get after the runs have come to their boundaries, in milliseconds. */
const LAST_WORDS_MS = 1_000;

/** `yonder serve api`: the sessions of a Host for clients, until SIGINT or SIGTERM; a second signal ends it at once. */
export async function serveApi(
  flags: ServeFlags,
  words: readonly string[],
  io: Io,
  listenForSignals: typeof onSignals = onSignals,
): Promise<number> {
  const places = storePlaces(flags, io);
  const address = addressOf(flags, places);
  refuseContradictions(flags, address);
  const config = await readUserConfig(places.configFile, { reserved: reservedNames(io) });
  const folder = resolve(io.cwd, flags.workingDir ?? '.');
  const say = sayTo(io, flags.logFormat);
  const who = await whoMayCome(flags, address, { folder, io, warn: (message) => say(message, 'warning') });
  const serving: Serving = {
    teams: [],
    max_sessions: flags.maxSessions,
    max_runs: flags.maxRuns,
    idle_ms: flags.idleTimeout,
    max_idle: KEPT_IDLE,
  };
  const stopping = new AbortController();
  const forget = listenForSignals({ once: () => stopping.abort(), twice: () => process.exit(130) });
  try {
    const host = await openHost({
      places,
      io: { ...io, cwd: folder },
      helper: config.credential_helper,
      serving,
    });
    try {
      await host.checkFolder(folder);
      await serve({
        flags,
        words,
        io,
        folder,
        address,
        config,
        host,
        serving,
        who,
        say,
        stopping: stopping.signal,
      });
    } finally {
      stopping.abort();
      await host.close();
    }
  } finally {
    forget();
    who.close();
  }
  return 0;
}

async function serve(parts: Parts): Promise<void> {
  const { flags, io, host, serving, say, stopping } = parts;
  const cassette = await servedCassette(flags, host.backend, io);
  if (cassette !== undefined) serving.cassette = cassette;
  const teams = await serveTeams(parts);
  const listener = await open(parts);
  try {
    await recoverRuns(host.host, serving, say, stopping);
    io.stdout.write(`${wayIn(listener, parts)}\n`);
    if (flags.pullInterval !== undefined)
      pullTeams({ teams, serving, every: flags.pullInterval, say, signal: stopping });
    await aborted(stopping);
    await drain(host.host, flags.drain, say);
  } finally {
    await listener.close({ drain_ms: LAST_WORDS_MS });
  }
}

async function open({ flags, io, address, host, who, say }: Parts): Promise<Listener> {
  const { tlsCert, tlsKey } = flags;
  const tls =
    tlsCert === undefined || tlsKey === undefined
      ? undefined
      : await readTls({ cert: resolve(io.cwd, tlsCert), key: resolve(io.cwd, tlsKey) });
  if (tls === undefined && address.kind === 'tcp' && !isLoopback(address.host)) {
    say(
      `${flags.listen} can be reached from other machines, and tokens travel there as plain text; give --tls-cert and --tls-key, or stand behind a proxy that speaks TLS`,
      'warning',
    );
  }
  const telling = {
    log: requestLog(flags.logFormat, (line) => io.stderr.write(line)),
    debug: flags.debug === true,
  };
  return startServer(host.transport, {
    address,
    tls,
    authenticate: who.authenticate,
    ...(flags.allowHost === undefined ? {} : { allowed_hosts: flags.allowHost }),
    ...(flags.allowOrigin === undefined ? {} : { allowed_origins: flags.allowOrigin }),
    ...telling,
  });
}

/** The one line of stdout. A token that was made stands in a variable: on a command line every user of that machine could read it. */
function wayIn({ url }: Listener, { who }: Parts): string {
  const token = who.made === undefined ? '' : `YONDER_TOKEN=${who.made} `;
  return `listening on ${url}; connect with: ${token}yonder run --remote ${url}`;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve: done } = Promise.withResolvers<void>();
  if (signal.aborted) done();
  signal.addEventListener('abort', () => done(), { once: true });
  return promise;
}

/** `unix://` alone is the socket that `--remote ssh://host` looks for. */
function addressOf({ listen }: ServeFlags, { runtime }: Places): Address {
  return listen === 'unix://' ? { kind: 'unix', path: join(runtime, 'api.sock') } : readAddress(listen);
}

/** A server has a store of its own, unless one is named: what is a person's own stays apart. */
function storePlaces(flags: ServeFlags, io: Io): Places {
  const found = placesOf(withEnvironment(flags, io.env), io);
  return flags.sessionDb === undefined ? { ...found, store: join(found.data, 'server.db') } : found;
}
