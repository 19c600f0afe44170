import { spawn } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createStreamingEgress } from '../../../../src/process/egress/streaming.ts';
import { connectMcp } from '../../../../src/tools/mcp/connection.ts';
import { remoteTransport } from '../../../../src/tools/mcp/remote.ts';
import { partProgram } from '../../../parts/parts.ts';

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

test.each([
  ['streamable', 'streamableHttp', '/mcp'],
  ['sse', 'sse', '/sse'],
] as const)(
  'server-everything over %s: tools, a call with progress, resources',
  async (transport, mode, path) => {
    const port = await freePort();
    const child = spawn(process.execPath, [partProgram('server-everything'), mode], {
      env: { PATH: process.env['PATH'], PORT: String(port) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    await new Promise<void>((ready) => {
      const look = (data: Buffer): void => {
        if (data.toString().includes(String(port))) ready();
      };
      child.stdout.on('data', look);
      child.stderr.on('data', look);
    });
    const url = new URL(`http://localhost:${port}${path}`);
    const egress = createStreamingEgress({}, { named: url, allowPrivate: true });
    let isClosed = false;
    const way = { url, transport, headers: {}, fetch: egress.fetch };
    const connection = await connectMcp({
      transport: remoteTransport(way, async () => {
        isClosed = true;
        await egress.close();
      }),
      version: '0.0.0',
      requests: {
        elicit: async () => ({ action: 'decline' }),
        sample: () => Promise.reject(new Error('not here')),
        roots: async () => [],
      },
      onListChanged: () => {},
      onClosed: () => {},
      signal: AbortSignal.timeout(20_000),
      timeout_ms: 10_000,
    });
    const signal = AbortSignal.timeout(20_000);
    const names = (await connection.tools(signal)).map(({ name }) => name);
    expect(names).toContain('echo');
    const quiet = { signal, onProgress: () => {} };
    expect((await connection.call('echo', { message: 'Hello' }, quiet)).content).toEqual([
      { type: 'text', text: 'Echo: Hello' },
    ]);
    const long = names.find((name) => /long-?running/i.test(name)) ?? '';
    const seen: number[] = [];
    const options = { signal, onProgress: ({ progress }: { progress: number }) => void seen.push(progress) };
    await connection.call(long, { duration: 0.2, steps: 2 }, options);
    // The last one may come together with the result, which ends it.
    expect(seen[0]).toBe(1);
    expect((await connection.resources(signal)).resources.length).toBeGreaterThan(0);
    await connection.close();
    expect(isClosed).toBe(true);
  },
);
