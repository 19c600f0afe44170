import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { scriptCassette } from '../../src/testing/model-server/script-cassette.ts';
import { startProtectedServer } from '../../src/testing/mcp/protected-server.ts';
import { test } from './cli.ts';

test('who signs in beforehand has the tools of a remote server in a run without a terminal; who did not is told how', async ({
  place,
}) => {
  const server = await startProtectedServer();
  onTestFinished(() => server.close());
  const browser = await place.write(
    'browser',
    `#!/bin/sh\nexec '${process.execPath}' -e 'fetch(process.argv[1]).then((r) => r.text())' "$1"\n`,
  );
  await chmod(browser, 0o755);
  await place.write(
    'team.yaml',
    [
      'agents:',
      '  root:',
      '    model: openai/gpt-4o',
      '    instruction: Call.',
      '    toolsets:',
      `      - {type: mcp, name: notes, remote: {url: "${server.url}"}}`,
      '',
    ].join('\n'),
  );
  const options = { api: 'openai_chatcompletions', model: 'gpt-4o' } as const;
  const whoami = { name: 'notes_whoami', arguments: {} };
  await place.write('calls.yaml', scriptCassette([{ tool_calls: [whoami] }, { text: 'Ada.' }], options));
  await place.write('talks.yaml', scriptCassette([{ text: 'Without.' }], options));
  const run = (tape: string) =>
    place.run(['run', 'team.yaml', '--exec', '--fake', tape, '--fake-match', 'order', '--yolo', 'hi']);
  const without = await run('talks.yaml');
  expect(without).toMatchObject({ code: 0, stdout: 'Without.\n' });
  expect(without.stderr).toContain('sign in before with: yonder mcp login notes');
  const env = { BROWSER: join(place.work, 'browser') };
  const signedIn = await place.run(['mcp', 'login', 'notes', 'team.yaml'], { env });
  expect(signedIn).toMatchObject({ code: 0, stdout: `signed in at ${server.url} (read)\n` });
  expect(await run('calls.yaml')).toMatchObject({ code: 0, stdout: 'Ada.\n' });
  const shown = await place.run(['sessions', 'export', '-1', '--format', 'json']);
  expect(shown.stdout).toContain('You are Ada.');
  const said = [without, signedIn, shown].map(({ stdout, stderr }) => stdout + stderr).join('');
  expect([...server.authority.secrets].filter((secret) => said.includes(secret))).toEqual([]);
});
