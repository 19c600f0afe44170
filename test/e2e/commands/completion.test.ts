import { execFileSync, spawnSync } from 'node:child_process';
import { chmod } from 'node:fs/promises';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { BIN, played, type Scratch, test } from '../cli.ts';

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

  const command = await withSessions(place);
  const sessions = complete(command, 'run', '--session', '');
  expect(sessions.map((line) => line.replaceAll('\\', ''))).toEqual([
    expect.stringMatching(/^b-2 {2}another/),
    'a-1  one thing',
  ]);
  expect(complete(command, 'run', '--session', 'a')).toEqual(['a-1']);
  expect(complete(command, 'sessions', 'undo', 'a')).toEqual(['a-1']);
});

/** Two sessions, and a program `yonder` in the folder that is given. */
async function withSessions(place: Scratch): Promise<string> {
  const words = await played(place, [{ text: 'Done.' }]);
  for (const [id, text] of [
    ['a-1', 'one thing'],
    ['b-2', 'another "thing"'],
  ] as const)
    await place.run([...words, '--exec', '--session', id, text]);
  const command = await place.write('yonder', `#!/bin/sh\nexec ${process.execPath} ${BIN} "$@"\n`);
  await chmod(command, 0o755);
  return command;
}

/** What the shell answers to a program of its own that loads the script and asks. */
const ASKED = {
  zsh: `compadd() { if [[ "$*" == *"-a ids" ]] then print -l -- $ids; else print -l -- \${@:#--}; fi }
_files() { }
source "$1"; shift; words=("$@"); CURRENT=$#; _yonder`,
  fish: 'source $argv[1]; complete -C "$argv[2..]" | string replace -r "\\t.*" ""; true',
} as const;

for (const shell of ['zsh', 'fish'] as const) {
  test.concurrent(`the ${shell} script completes a command, a subcommand, a flag and a session`, async ({
    place,
    skip,
  }) => {
    if (spawnSync(shell, ['--version']).status !== 0) skip(`there is no ${shell} here`);
    const script = await place.write('complete', (await place.run(['completion', shell])).stdout);
    expect(spawnSync(shell, ['-n', script]).status).toBe(0);
    const command = await withSessions(place);
    const env = { ...place.env, HOME: place.home, PATH: `${dirname(command)}:${process.env['PATH']}` };
    const complete = (...words: string[]): string[] =>
      execFileSync(
        shell,
        [...(shell === 'zsh' ? ['-fc', ASKED.zsh, 'zsh'] : ['-c', ASKED.fish]), script, ...words],
        {
          encoding: 'utf8',
          cwd: place.home,
          env,
        },
      )
        .trimEnd()
        .split('\n');
    expect(complete('yonder', 'sess')).toContain('sessions');
    expect(complete('yonder', 'sessions', 'sh')).toContain('show');
    expect(complete('yonder', 'run', '--accept')).toContain('--accept-edits');
    expect(complete('yonder', 'run', '--session', '').toSorted()).toEqual(['a-1', 'b-2']);
    expect(complete('yonder', 'sessions', 'undo', '').toSorted()).toEqual(['a-1', 'b-2']);
  });
}
