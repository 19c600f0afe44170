import { KeptReads } from '../../process/kept-reads.ts';
import type { Backend } from '../../protocol/backend.ts';
import type { RuntimeConfig } from '../../protocol/contract/payloads.ts';
import { uploadCassette } from '../run/uploads.ts';
import type { Io } from '../terminal/io.ts';
import type { ServeFlags } from './serve-flags.ts';

/**
 * What `--fake` and `--record` mean for every session of this server. The cassette is kept in the store as an upload is, so that a session goes on
 * with the one that it began with, whatever the server is started with next time.
 */
export async function servedCassette(
  { fake, fakeMatch, fakeStream, record }: ServeFlags,
  backend: Backend,
  io: Io,
): Promise<RuntimeConfig['cassette']> {
  if (record === true) return { mode: 'record' };
  if (fake === undefined) return undefined;
  const upload_id = await uploadCassette(backend, io.cwd, fake, new KeptReads().read);
  return {
    mode: 'replay',
    upload_id,
    ...(fakeMatch === undefined ? {} : { match: fakeMatch }),
    ...(fakeStream === undefined ? {} : { stream_ms: fakeStream }),
  };
}
