import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createHttpTransport } from '../src/client/http-transport.ts';
import { bindBackend } from '../src/protocol/backend.ts';
import { LOCAL_CONTEXT } from '../src/protocol/context.ts';
import { newSession } from './backend.ts';

/** Memory without garbage, in bytes: of the process, and of what lives in it. */
export interface Held {
  resident: number;
  used: number;
}

export interface MemoryServer {
  /** So many short runs, each in a session of its own, one after the other. */
  run(count: number): Promise<void>;
  held(): Promise<Held>;
  close(): Promise<void>;
}

/** `bench/remote-memory.ts` in a process of its own, and a client of it in this one; it keeps so many idle sessions open. */
export async function startMemoryServer(kept: number): Promise<MemoryServer> {
  const child = fork(new URL('remote-memory.ts', import.meta.url), [String(kept)], {
    execArgv: ['--expose-gc'],
  });
  const gone = once(child, 'exit');
  const baseUrl = String((await once(child, 'message'))[0]);
  const backend = bindBackend(createHttpTransport({ baseUrl }));
  return {
    async run(count) {
      for (let done = 0; done < count; done += 1) {
        const session = await newSession(backend);
        let last = '';
        const run = await session.run(LOCAL_CONTEXT, { messages: [{ content: 'Keep the list.' }] });
        for await (const event of run) last = event.json;
        if (!last.includes('"reason":"normal"')) throw new Error(`a run ended with ${last}`);
      }
    },
    async held() {
      const answer = once(child, 'message');
      child.send('how much');
      return (await answer)[0] as Held;
    },
    async close() {
      child.disconnect();
      await gone;
    },
  };
}
