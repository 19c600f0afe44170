import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Agent, fetch as undiciFetch } from 'undici';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { tmpdir } from 'node:os';
import { readTls } from '../../../src/server/listen/tls.ts';
import { connected, serving, untilEnd } from './on-socket.ts';

let folder = '';
const file = (name: string): string => join(folder, name);

/** Certificates as a person makes them. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'yonder-tls-'));
  for (const name of ['one', 'other']) {
    openssl(
      `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost -keyout ${name}.key -out ${name}.crt -addext subjectAltName=DNS:localhost,IP:127.0.0.1`,
    );
  }
  openssl('ec -in one.key -aes256 -passout pass:x -out locked.key');
  writeFileSync(file('text'), 'hello');
});
afterAll(() => rmSync(folder, { recursive: true }));

function openssl(words: string): void {
  const { status, stderr } = spawnSync('openssl', words.split(' '), { cwd: folder, encoding: 'utf8' });
  expect(status, stderr).toBe(0);
}

test('speaks TLS with the certificate that it was given, and nothing else on that port', async () => {
  const tls = await readTls({ cert: file('one.crt'), key: file('one.key') });
  const listener = await serving({ tls });
  expect(listener.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
  const dispatcher = new Agent({ connect: { ca: readFileSync(file('one.crt'), 'utf8') } });
  onTestFinished(() => dispatcher.close());
  const answer = await undiciFetch(`${listener.url}/health`, { dispatcher });
  expect(await answer.json()).toEqual({ status: 'ok' });
  await expect(fetch(`${listener.url}/health`)).rejects.toThrow('fetch failed');
  const plain = await connected(listener);
  plain.write('GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n');
  expect(await untilEnd(plain)).not.toContain('ok');
  const hasty = await serving({ tls, limits: { headers_ms: 300 } });
  await untilEnd(await connected(hasty));
});

test.each([
  ['missing', 'one.key', '--tls-cert FOLDER/missing cannot be read (ENOENT)'],
  ['one.crt', 'missing', '--tls-key FOLDER/missing cannot be read (ENOENT)'],
  ['.', 'one.key', '--tls-cert FOLDER cannot be read (EISDIR)'],
  ['text', 'one.key', '--tls-cert FOLDER/text holds no certificate as PEM'],
  ['one.key', 'one.key', '--tls-cert FOLDER/one.key holds no certificate as PEM'],
  ['one.crt', 'text', '--tls-key FOLDER/text holds no private key as PEM without a passphrase'],
  ['one.crt', 'locked.key', '--tls-key FOLDER/locked.key holds no private key as PEM without a passphrase'],
  ['one.crt', 'other.key', '--tls-key FOLDER/other.key is not the key of --tls-cert FOLDER/one.crt'],
])('%s with %s is refused', async (cert, key, message) => {
  await expect(readTls({ cert: file(cert), key: file(key) })).rejects.toMatchObject({
    code: 'invalid_request',
    message: message.replaceAll('FOLDER', folder),
  });
});
