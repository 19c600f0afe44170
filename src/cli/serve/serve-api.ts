import { randomBytes, randomUUID } from 'node:crypto';
import { join, resolve } from 'node:path';
import { readUserConfig } from '../../config/user-config.ts';
import { onSignals } from '../../process/signals.ts';
import { LOCAL_CONTEXT } from '../../protocol/context.ts';
import { YonderError } from '../../protocol/errors.ts';
import type { Serving } from '../../runtime/host/serving.ts';
import { bearerToken, sameToken } from '../../server/auth/token.ts';
import { createHandler } from '../../server/handler.ts';
import { readAddress } from '../../server/listen/address.ts';
import { listen } from '../../server/listen/listen.ts';
import { openHost } from '../backend.ts';
import { withEnvironment } from '../flags/environment.ts';
import { placesOf, type Places } from '../places.ts';
import { reservedNames } from '../reserved-names.ts';
import type { Io } from '../terminal/io.ts';
import { drain, recoverRuns } from './host-life.ts';
import { pullTeams } from './pull-teams.ts';
import type { ServeFlags } from './serve-flags.ts';
import { serveTeams } from './serve-teams.ts';
import { servedCassette } from './served-cassette.ts';

/** `yonder serve api`: the sessions of a Host for clients, until SIGINT or SIGTERM. */
export async function serveApi(flags: ServeFlags, words: readonly string[], io: Io): Promise<number> {
  refuseContradictions(flags);
  const address = readAddress(flags.listen);
  const places = storePlaces(flags, io);
  const config = await readUserConfig(places.configFile, { reserved: reservedNames(io) });
  const given = flags.authToken ?? io.env['YONDER_AUTH_TOKEN'];
  const token = given === undefined || given === '' ? randomBytes(24).toString('base64url') : given;
  const cwd = resolve(io.cwd, flags.workingDir ?? '.');
  const serving: Serving = { teams: [], max_sessions: flags.maxSessions, idle_ms: flags.idleTimeout };
  const ended = Promise.withResolvers<void>();
  const stop = onSignals({ once: () => ended.resolve(), twice: () => process.exit(130) });
  const ending = new AbortController();
  const host = await openHost({
    places,
    io: { ...io, cwd },
    helper: config.credential_helper,
    serving,
  });
  try {
    await host.checkFolder(cwd);
    const cassette = await servedCassette(flags, host.backend, io);
    if (cassette !== undefined) serving.cassette = cassette;
    const teams = await serveTeams({ flags, words, config, io, host, serving });
    await recoverRuns(host.host, serving, io, ending.signal);
    const handler = createHandler(host.transport, {
      authenticate: async (request) =>
        sameToken(bearerToken(request) ?? '', token) ? LOCAL_CONTEXT : undefined,
      requestId: () => `http_${randomUUID()}`,
    });
    const listener = await listen(handler, address);
    const made = given === undefined || given === '' ? `; token ${token}` : '';
    io.stdout.write(
      `listening on ${listener.url}; connect with: yonder run --remote ${listener.url}${made}\n`,
    );
    if (flags.pullInterval !== undefined)
      pullTeams({ teams, serving, every: flags.pullInterval, io, signal: ending.signal });
    await ended.promise;
    ending.abort();
    await drain(host.host, flags.drain, io);
    await listener.close();
  } finally {
    ending.abort();
    stop();
    await host.close();
  }
  return 0;
}

/** A server has a store of its own, unless one is named: what is a person's own stays apart. */
function storePlaces(flags: ServeFlags, io: Io): Places {
  const found = placesOf(withEnvironment(flags, io.env), io);
  return flags.sessionDb === undefined ? { ...found, store: join(found.data, 'server.db') } : found;
}

function refuseContradictions(flags: ServeFlags): void {
  const both = (left: string, right: string): YonderError =>
    new YonderError('invalid_request', `${left} and ${right} cannot stand together; keep one of them`);
  if (flags.fake !== undefined && flags.record === true) throw both('--fake', '--record');
  for (const [flag, value] of [
    ['--fake-match', flags.fakeMatch],
    ['--fake-stream', flags.fakeStream],
  ] as const) {
    if (value === undefined || flags.fake !== undefined) continue;
    throw new YonderError('invalid_request', `${flag} needs --fake: it says how a cassette is played`);
  }
}
