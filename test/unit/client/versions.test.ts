import { createServer, type IncomingMessage } from 'node:http';
import { afterEach, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { createHttpTransport } from '../../../src/client/http-transport.ts';
import { bindBackend, type Backend } from '../../../src/protocol/backend.ts';
import { LOCAL_CONTEXT } from '../../../src/protocol/context.ts';
import { CONTRACT, PROTOCOL_VERSION } from '../../../src/protocol/contract/contract.ts';
import { CAPABILITIES } from './fake-server.ts';

interface Asked {
  line: string;
  body: unknown;
}

/** A server of another version on a real socket; what it was asked, and what it answers to all else than its version. */
async function serverOf(protocol: string, answer: unknown): Promise<{ backend: Backend; asked: Asked[] }> {
  const asked: Asked[] = [];
  const server = createServer((incoming, outgoing) => {
    void bodyOf(incoming).then((body) => {
      const line = `${incoming.method} ${incoming.url}`;
      asked.push({ line, body });
      outgoing.setHeader('content-type', 'application/json');
      const capabilities = { ...CAPABILITIES, protocol };
      outgoing.end(JSON.stringify(line === 'GET /v1/capabilities' ? capabilities : answer));
    });
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const place = server.address();
  const port = typeof place === 'object' && place !== null ? place.port : 0;
  return { backend: bindBackend(createHttpTransport({ baseUrl: `http://127.0.0.1:${port}` })), asked };
}

async function bodyOf(incoming: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of incoming) text += String(chunk);
  return text === '' ? undefined : JSON.parse(text);
}

/** As a version after ours would declare it; gone after the test. */
const fields = CONTRACT['session/list'].request.shape;
function declareNewer(field: z.ZodType, since: string): void {
  z.globalRegistry.add(field, { since });
}
afterEach(() => {
  z.globalRegistry.remove(fields.starred);
  z.globalRegistry.remove(CONTRACT['session/create'].request.shape.snapshots_enabled);
});

const [major = 1, minor = 0] = PROTOCOL_VERSION.split('.').map(Number);
const NEXT = `${major}.${minor + 1}`;

test.each([`${major + 1}.0`, `${major - 1}.9`])(
  'a server that speaks %s is asked for nothing else',
  async (protocol) => {
    const { backend, asked } = await serverOf(protocol, { sessions: [] });
    const refusal = {
      code: 'protocol_mismatch',
      message: `the server speaks protocol ${protocol}, this client ${PROTOCOL_VERSION}; use the same major version`,
    };
    await expect(backend.listSessions(LOCAL_CONTEXT, {})).rejects.toMatchObject(refusal);
    await expect(
      backend.upload(LOCAL_CONTEXT, { media_type: 'a/b' }, new Uint8Array(1)),
    ).rejects.toMatchObject(refusal);
    const session = backend.session('s');
    await expect(session.run(LOCAL_CONTEXT, { messages: [{ content: 'x' }] })).rejects.toMatchObject(refusal);
    await expect(session.follow(LOCAL_CONTEXT, {})[Symbol.asyncIterator]().next()).rejects.toMatchObject(
      refusal,
    );
    expect(new Set(asked.map(({ line }) => line))).toEqual(new Set(['GET /v1/capabilities']));
  },
);

test('a field that an older server does not know is left out where nobody set it, and refused before any request where somebody did', async () => {
  declareNewer(fields.starred, NEXT);
  const { backend, asked } = await serverOf(PROTOCOL_VERSION, { sessions: [] });
  expect(await backend.listSessions(LOCAL_CONTEXT, { limit: 5 })).toEqual({ sessions: [] });
  expect(asked.splice(0).at(-1)).toEqual({ line: 'POST /v1/session/list', body: { limit: 5 } });
  await expect(backend.listSessions(LOCAL_CONTEXT, { starred: true })).rejects.toMatchObject({
    code: 'unsupported',
    message: `session/list: starred is not supported by this server: it speaks protocol ${PROTOCOL_VERSION}, this client ${PROTOCOL_VERSION}`,
  });
  expect(asked).toEqual([]);
});

test('a newer field at its default is left out too', async () => {
  declareNewer(CONTRACT['session/create'].request.shape.snapshots_enabled, NEXT);
  const { backend, asked } = await serverOf(PROTOCOL_VERSION, {});
  await backend.createSession(LOCAL_CONTEXT, { snapshots_enabled: false }).catch(() => undefined);
  expect(asked.at(-1)?.body).toEqual({ tools_approved: false, hide_tool_results: false });
});

test('a server that knows the field gets it', async () => {
  declareNewer(fields.starred, NEXT);
  const { backend, asked } = await serverOf(NEXT, { sessions: [] });
  await backend.listSessions(LOCAL_CONTEXT, { starred: true });
  expect(asked.at(-1)?.body).toEqual({ starred: true });
});
