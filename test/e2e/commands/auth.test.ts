import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
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

test.concurrent('a key of auth login and one of the helper call models, and are in no other file, output, argument or child', async ({
  place,
}) => {
  const server = await startModelServer([
    {
      tool_calls: [
        { id: 'c1', name: 'shell', arguments: { cmd: 'env; cat /proc/$PPID/cmdline /proc/$PPID/environ' } },
      ],
    },
    { status: 429 },
    { text: 'Done.' },
  ]);
  try {
    const helped = `  helped:\n    base_url: ${server.url}\n    token_key: HELPED_KEY\n`;
    const team = serverTeam(server.url, {
      toolsets: ['shell'],
      extra: '    fallback: {models: [helped/scripted]}',
    });
    await place.write('team.yaml', team + helped);
    const helper = await place.write(
      'helper',
      '#!/bin/sh\n[ $1 = HELPED_KEY ] && echo of-helper-$1\nexit 0\n',
    );
    chmodSync(helper, 0o755);
    const config = join(place.root, 'config', 'yonder');
    mkdirSync(config, { recursive: true });
    writeFileSync(join(config, 'config.yaml'), `credential_helper: [${helper}]\n`, { mode: 0o600 });

    const kept = await place.run(['auth', 'login', 'SCRIPTED_KEY'], { stdin: `${KEY}\n` });
    expect(kept).toMatchObject({ code: 0 });
    expect(kept.stderr).toContain('@napi-rs/keyring');
    const ran = await place.run(['run', 'team.yaml', '--exec', '--yolo', '--log-file', 'log', 'hi']);
    expect(ran, ran.stderr).toMatchObject({ code: 0, stdout: 'Done.\n' });
    const keys = server.journal.map(({ headers }) => headers.get('authorization'));
    expect(keys).toEqual([`Bearer ${KEY}`, `Bearer ${KEY}`, 'Bearer of-helper-HELPED_KEY']);
    const shown = kept.stdout + kept.stderr + ran.stdout + ran.stderr;
    for (const secret of [KEY, 'of-helper-HELPED_KEY']) {
      expect(JSON.stringify(server.journal.map(({ body }) => body))).not.toContain(secret);
      expect(shown).not.toContain(secret);
    }
    expect(holders(place.root, KEY)).toEqual([join(config, 'credentials.json')]);
    expect(holders(place.root, 'of-helper-HELPED_KEY')).toEqual([]);
  } finally {
    await server.close();
  }
});
