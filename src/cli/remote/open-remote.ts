import { createHttpTransport } from '../../client/http-transport.ts';
import { bindBackend, type Backend } from '../../protocol/backend.ts';
import type { Io } from '../terminal/io.ts';
import type { RemoteServer } from './remote-server.ts';
import { withWords } from './with-words.ts';

/** A Yonder server as a Backend. The caller closes it. Throws `unavailable`, and `forbidden` for a socket that is not this user's own. */
export async function openRemote(server: RemoteServer, io: Io): Promise<Backend> {
  const { address, token, typed } = server;
  const way = await wayTo(server, io);
  if (token !== undefined && address.kind === 'http' && !address.isPrivate)
    server.telling.line(
      `warning: the token and all that is said travel unencrypted to ${address.host}: whoever is on the way reads them and can use the token; use https://, ssh:// or a tunnel`,
    );
  const transport = createHttpTransport({
    baseUrl: way.baseUrl,
    shown: address.kind === 'http' ? address.url : typed,
    onLost: (error) => server.telling.line(`connection lost (${error.message}), trying again`),
    onUpload: (progress) => server.telling.uploading(progress),
    ...(way.fetch === undefined ? {} : { fetch: way.fetch }),
    ...(token === undefined ? {} : { token }),
  });
  const backend = bindBackend(withWords(transport, server));
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

async function wayTo({ address, typed }: RemoteServer, io: Io): Promise<Way> {
  switch (address.kind) {
    case 'http': {
      // Nothing stands between a machine and itself, and Node's own is there at once.
      if (address.url.startsWith('http:') && address.isPrivate)
        return { baseUrl: address.url, close: async () => {} };
      const { createHttp } = await import('../../model/http/http.ts');
      return { baseUrl: address.url, ...createHttp((name) => io.env[name]) };
    }
    case 'unix': {
      const { checkSocket, socketFetch, SOCKET_ORIGIN } = await import('./unix-fetch.ts');
      await checkSocket(address.path);
      return { baseUrl: SOCKET_ORIGIN, ...(await socketFetch(address.path)) };
    }
    case 'ssh': {
      const { sshWay } = await import('./ssh.ts');
      return sshWay(address, typed, io);
    }
  }
}
