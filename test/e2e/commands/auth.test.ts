import { chmodSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { startModelServer } from '../../../src/testing/model-server/server.ts';
import { serverTeam, test } from '../cli.ts';

const KEY = 'canary-key-0123456789';

/** Every file below a folder that has the text in it. */
function holders(folder: string, text: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file).includes(text));
}

test.concurrent('a key of auth login calls the model, and is in no other file, output, argument or child', async ({
  place,
}) => {
  const server = await startModelServer([
    {
      tool_calls: [
        { id: 'c1', name: 'shell', arguments: { cmd: 'env; cat /proc/$PPID/cmdline /proc/$PPID/environ' } },
      ],
    },
    { text: 'Done.' },
    { text: 'Again.' },
  ]);
  try {
    await place.write('team.yaml', serverTeam(server.url, { toolsets: ['shell'] }));
    const env = { SCRIPTED_KEY: undefined };
    const words = ['run', 'team.yaml', '--exec', '--yolo', '--log-file', 'log'];
    const before = await place.run([...words, 'hi'], { env });
    expect(before).toMatchObject({ code: 2 });
    expect(before.stderr).toContain('yonder auth login SCRIPTED_KEY');

    const kept = await place.run(['auth', 'login', 'SCRIPTED_KEY'], { env, stdin: `${KEY}\n` });
    expect(kept).toMatchObject({ code: 0 });
    expect(kept.stderr).toContain('@napi-rs/keyring');
    const ran = await place.run([...words, 'hi'], { env });
    expect(ran, ran.stderr).toMatchObject({ code: 0, stdout: 'Done.\n' });
    expect(server.journal[0]?.headers.get('authorization')).toBe(`Bearer ${KEY}`);
    expect(JSON.stringify(server.journal.map(({ body }) => body))).not.toContain(KEY);
    expect(kept.stdout + kept.stderr + ran.stdout + ran.stderr).not.toContain(KEY);
    expect(holders(place.root, KEY)).toEqual([join(place.root, 'config', 'yonder', 'credentials.json')]);

    const helper = await place.write('helper', `#!/bin/sh\necho of-helper-$1\n`);
    chmodSync(helper, 0o755);
    await place.run(['config', 'set', 'credential_helper', `[${helper}]`]);
    expect((await place.run([...words, 'hi'], { env })).code).toBe(0);
    expect(server.journal[2]?.headers.get('authorization')).toBe('Bearer of-helper-SCRIPTED_KEY');
  } finally {
    await server.close();
  }
});
