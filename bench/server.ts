import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createHttpTransport } from '../src/client/http-transport.ts';
import { bindBackend, type Backend } from '../src/protocol/backend.ts';

export interface BenchServer {
  url: string;
  /** A client of it, with connections of its own. */
  backend: Backend;
  close(): Promise<void>;
}

/** `bench/served.ts` in a process of its own. */
export async function startServer(
  mode: 'deltas' | 'paced' | 'relay' | 'turns',
  folder?: string,
): Promise<BenchServer> {
  const child = fork(new URL('served.ts', import.meta.url), folder === undefined ? [mode] : [mode, folder]);
  const gone = once(child, 'exit');
  const url = String((await once(child, 'message'))[0]);
  return {
    url,
    backend: bindBackend(createHttpTransport({ baseUrl: url })),
    async close() {
      child.disconnect();
      await gone;
    },
  };
}
