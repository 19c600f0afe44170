import { createHttpTransport, type HttpTransportOptions } from '../../client/http-transport.ts';
import { bindBackend, type Backend } from '../../protocol/backend.ts';
import { UnsupportedError } from '../../protocol/errors.ts';
import type { Io } from '../terminal/io.ts';
import type { RemoteServer } from './remote-server.ts';

/** A Yonder server as a Backend. The caller closes it. Throws `unavailable`, and `forbidden` for a socket that is not this user's own. */
export async function openRemote(server: RemoteServer, io: Io): Promise<Backend> {
  const { address, token } = server;
  const way = await wayTo(server, io);
  const options: HttpTransportOptions = {
    baseUrl: way.baseUrl,
    ...(way.fetch === undefined ? {} : { fetch: way.fetch }),
    ...(token === undefined ? {} : { token }),
  };
  if (token !== undefined && address.kind === 'http' && !address.isPrivate)
    io.stderr.write(
      `warning: the token and all that is said travel unencrypted to ${address.host}: whoever is on the way reads them and can use the token; use https://, ssh:// or a tunnel\n`,
    );
  const backend = bindBackend(createHttpTransport(options));
  return {
    ...backend,
    async close() {
      try {
        await backend.close();
      } finally {
        await way.close();
      }
    },
  };
}

interface Way {
  baseUrl: string;
  fetch?: typeof fetch;
  close(): Promise<void>;
}

async function wayTo({ address }: RemoteServer, _io: Io): Promise<Way> {
  switch (address.kind) {
    case 'http':
      return { baseUrl: address.url, close: async () => {} };
    case 'unix': {
      const { checkSocket, socketFetch, SOCKET_ORIGIN } = await import('./unix-fetch.ts');
      await checkSocket(address.path);
      return { baseUrl: SOCKET_ORIGIN, ...(await socketFetch(address.path)) };
    }
    case 'ssh':
      throw new UnsupportedError('--remote ssh://', 'yet');
  }
}
