import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { LOCAL_CONTEXT } from '../../protocol/context.ts';
import { onSignals } from '../../process/signals.ts';
import { bearerToken, sameToken } from '../../server/auth/token.ts';
import { createHandler } from '../../server/handler.ts';
import { readAddress } from '../../server/listen/address.ts';
import { listen } from '../../server/listen/listen.ts';
import { openHost } from '../backend.ts';
import { withEnvironment } from '../flags/environment.ts';
import type { PlaceFlags } from '../flags/run-flags.ts';
import { placesOf } from '../places.ts';
import type { Io } from '../terminal/io.ts';

export interface ServeFlags extends PlaceFlags {
  listen: string;
  authToken?: string;
}

/** `yonder serve api`: the sessions of a Host for clients, until SIGINT or SIGTERM. */
export async function serveApi(flags: ServeFlags, io: Io): Promise<number> {
  const address = readAddress(flags.listen);
  const filled = withEnvironment(flags, io.env);
  const found = placesOf(filled, io);
  const places = flags.sessionDb === undefined ? { ...found, store: join(found.data, 'server.db') } : found;
  const given = flags.authToken ?? io.env['YONDER_AUTH_TOKEN'];
  const token = given === undefined || given === '' ? randomBytes(24).toString('base64url') : given;
  const ended = Promise.withResolvers<void>();
  const stop = onSignals({ once: () => ended.resolve(), twice: () => process.exit(130) });
  const host = await openHost({ places, io });
  try {
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
    await ended.promise;
    await listener.close();
  } finally {
    stop();
    await host.close();
  }
  return 0;
}
