import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { tokenHash } from '../../../../src/server/auth/token.ts';
import { played, two } from './served.ts';

vi.setConfig({ testTimeout: 60_000 });

test('a token that is over, one of another scope, and one that may only look', async () => {
  const place = await two();
  const tokens = join(place.there, 'tokens.yaml');
  writeFileSync(
    tokens,
    [
      `- {principal: ann, hash: ${tokenHash('over')}, scopes: [read, run], expires: '2020-01-31'}`,
      `- {principal: ben, hash: ${tokenHash('looks')}, scopes: [read]}`,
      '',
    ].join('\n'),
    { mode: 0o600 },
  );
  const address = await place.serve('127.0.0.1:0', ['--auth-tokens', tokens]);
  const rows: [string, string[], number, string][] = [
    ['over', ['sessions', 'list'], 4, `does not take this token`],
    ['looks', ['run', 'default', 'hi'], 3, 'needs the scope run'],
    ['looks', ['sessions', 'list'], 0, ''],
  ];
  for (const [token, words, exit, said] of rows) {
    const came = await place.yonder([...words, '--remote', address], { YONDER_TOKEN: token });
    expect({ token, ...came }).toMatchObject({ token, exit, err: expect.stringContaining(said) });
    expect(came.err).not.toContain(token === 'over' ? ' over' : `"${token}"`);
  }
});

test('a server of another major version', async () => {
  const place = await two();
  const later = createServer((_, response) =>
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ protocol: '2.0', server: 'yonder/9.0.0', features: [], scopes: [], limits: {} })),
  );
  await new Promise<void>((resolve) => later.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void later.close());
  const bound = later.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  expect(await place.yonder(['run', '--remote', `http://127.0.0.1:${port}`, 'hi'])).toEqual({
    exit: 2,
    out: '',
    err: 'yonder: the server speaks protocol 2.0, this client 1.0; use the same major version\n',
  });
});

test('a full disk there', async ({ skip }) => {
  const place = await two();
  const data = join(place.root, 'server', 'data');
  mkdirSync(data, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', data], { stdio: 'ignore' });
  } catch {
    skip('this needs the right to mount');
  }
  onTestFinished(() => void execFileSync('umount', ['-l', data]));
  const address = await place.serve();
  const words = await played(place, [{ text: 'Hello.' }]);
  writeFileSync(join(data, 'filler'), '');
  execFileSync('sh', ['-c', `cat /dev/zero > '${join(data, 'filler')}' || true`], { stdio: 'ignore' });
  const came = await place.yonder([...words, '--remote', address, 'hi'], { YONDER_TOKEN: 'the-token' });
  expect(came).toMatchObject({ exit: 4, out: '' });
  expect(came.err).toMatch(
    /^yonder: the session store \S+server\.db cannot grow because the disk is full; free some space, then resume the session\n$/,
  );
});
