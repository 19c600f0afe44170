import { createHttpTransport } from '../../client/http-transport.ts';
import { bindBackend, type Backend } from '../../protocol/backend.ts';
import { YonderError } from '../../protocol/errors.ts';
import type { Io } from '../terminal/io.ts';

export interface RemoteFlags {
  remote: string;
  token?: string | undefined;
}

/** A Yonder server as a Backend. The caller closes it. */
export async function openRemote({ remote, token }: RemoteFlags, io: Io): Promise<Backend> {
  const url = URL.parse(remote);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new YonderError('invalid_request', `--remote ${remote}: write http(s)://host:port`);
  }
  const sent = token ?? io.env['YONDER_TOKEN'];
  return bindBackend(
    createHttpTransport({ baseUrl: remote, ...(sent === undefined || sent === '' ? {} : { token: sent }) }),
  );
}
