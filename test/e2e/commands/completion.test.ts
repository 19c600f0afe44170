import { execFileSync, spawnSync } from 'node:child_process';
import { chmod } from 'node:fs/promises';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { BIN, played, test } from '../cli.ts';

test.concurrent('the bash script completes a command, a subcommand, a flag and an alias', async ({
  place,
}) => {
  const config = join(place.root, 'config', 'yonder');
  mkdirSync(config, { recursive: true });
  writeFileSync(join(config, 'config.yaml'), 'aliases: {zebra: coder}\n', { mode: 0o600 });
  const { stdout } = await place.run(['completion', 'bash']);
  const script = await place.write('complete.bash', stdout);
  const complete = (...words: string[]): string[] =>
    execFileSync(
      'bash',
      [
        '-c',
        `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _yonder; printf '%s\\n' "\${COMPREPLY[@]}"`,
        'bash',
        script,
        ...words,
      ],
      { encoding: 'utf8', cwd: place.home, env: place.env },
    )
      .trimEnd()
      .split('\n');
  expect(complete('yonder', 'sess')).toEqual(['sessions']);
  expect(complete('yonder', 'sessions', 'sh')).toEqual(['show']);
  expect(complete('yonder', 'zeb')).toEqual(['zebra']);
  expect(complete('yonder', 'zebra', '--accept')).toEqual(['--accept-edits']);
  expect(complete('yonder', 'run', '--accept')).toEqual(['--accept-edits']);

  const words = await played(place, [{ text: 'Done.' }]);
  for (const [id, text] of [
    ['a-1', 'one thing'],
    ['b-2', 'another "thing"'],
  ] as const)
    await place.run([...words, '--exec', '--session', id, text]);
  const command = await place.write('yonder', `#!/bin/sh\nexec ${process.execPath} ${BIN} "$@"\n`);
  await chmod(command, 0o755);
  const sessions = complete(command, 'run', '--session', '');
  expect(sessions.map((line) => line.replaceAll('\\', ''))).toEqual([
    expect.stringMatching(/^b-2 {2}another/),
    'a-1  one thing',
  ]);
  expect(complete(command, 'run', '--session', 'a')).toEqual(['a-1']);
});

for (const shell of ['zsh', 'fish']) {
  test.concurrent(`the ${shell} script is one that ${shell} reads`, async ({ place, skip }) => {
    if (spawnSync(shell, ['--version']).status !== 0) skip(`there is no ${shell} here`);
    const { stdout } = await place.run(['completion', shell]);
    const script = await place.write('complete', stdout);
    expect(spawnSync(shell, ['-n', script]).status).toBe(0);
  });
}
