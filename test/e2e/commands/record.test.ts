import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { ScriptedTurn } from '../../../src/testing/model-server/script.ts';
import { startModelServer } from '../../../src/testing/model-server/server.ts';
import { type Finished, type Scratch, serverTeam, test } from '../cli.ts';

const KEY = 'sk-canary-0123456789abcdef';

async function live(
  place: Scratch,
  turns: readonly ScriptedTurn[],
  flags: readonly string[],
): Promise<Finished & { asked: string }> {
  const server = await startModelServer(turns);
  try {
    await place.write('team.yaml', serverTeam(server.url, { toolsets: ['shell'] }));
    const ended = await place.run(['run', 'team.yaml', '--exec', ...flags], { env: { SCRIPTED_KEY: KEY } });
    return { ...ended, asked: JSON.stringify(server.journal.map(({ body }) => body)) };
  } finally {
    await server.close();
  }
}

const CALL: ScriptedTurn = { tool_calls: [{ name: 'shell', arguments: { cmd: 'echo here' } }] };

test.concurrent('what is recorded has no key, and plays to the same answer; another request is named', async ({
  place,
}) => {
  const ended = await live(place, [CALL, { text: 'Said.' }], ['--yolo', '--record=tape', 'say it']);
  expect(ended).toMatchObject({ code: 0, stdout: 'Said.\n' });
  const tape = readFileSync(join(place.work, 'tape.yaml'), 'utf8');
  expect(tape).toMatch(/^# yonder cassette/);
  expect(tape).not.toContain(KEY);
  expect(tape).not.toMatch(/^\s*(authorization|cookie|set-cookie|x-api-key):/im);
  const fake = ['run', 'team.yaml', '--exec', '--yolo', '--fake', 'tape'];
  expect(await place.run([...fake, 'say it'])).toMatchObject({ code: 0, stdout: 'Said.\n' });
  const other = await place.run([...fake, 'say more']);
  expect(other.code).toBe(1);
  expect(other.stderr).toMatch(/request 1\b/);
  expect(other.stderr).not.toContain('tape');
  const order = await place.run([...fake, '--fake-match', 'order', 'say more']);
  expect(order).toMatchObject({ code: 0, stdout: 'Said.\n' });
});

test.concurrent('a bare --record makes a name here, and a failed run leaves what came; a file is not replaced unsaid', async ({
  place,
}) => {
  const bare = await live(place, [{ text: 'Said.' }], ['--record', 'hi']);
  expect(bare.code).toBe(0);
  const made = readdirSync(place.work).filter((name) => /^yonder-recording-\d+\.yaml$/.test(name));
  expect(made).toHaveLength(1);
  expect(bare.stderr).toContain(`recorded in ${join(place.work, made[0] ?? '')}\n`);
  await place.write('tape.yaml', 'old');
  const failed = await live(
    place,
    [CALL, CALL],
    ['--yolo', '--max-iterations=1', '--record=tape.yaml', 'hi'],
  );
  expect(failed.stderr).toContain('(in place of the file that was there)');
  expect(readFileSync(join(place.work, 'tape.yaml'), 'utf8')).toContain('echo here');
});

test.concurrent('a prompt file, stdin and a variable for the team reach the model', async ({ place }) => {
  await place.write('rules.md', 'Always say PEAR.');
  await place.write('vars.env', `SCRIPTED_KEY=${KEY}\n`);
  const server = await startModelServer([{ text: 'One.' }, { text: 'Two.' }]);
  try {
    await place.write('team.yaml', serverTeam(server.url));
    const ended = await place.run(
      [
        'team.yaml',
        '-',
        'and LEMON',
        '--prompt-file',
        'rules.md',
        '--env-from-file',
        'vars.env',
        '-o',
        'o.txt',
      ],
      { stdin: 'bring PLUM\n' },
    );
    expect(ended).toMatchObject({ code: 0, stdout: 'One.\nTwo.\n' });
    const [first, second] = server.journal.map(({ body }) => JSON.stringify(body));
    expect(first).toContain('Always say PEAR.');
    expect(first).toContain('bring PLUM');
    expect(second).toContain('and LEMON');
    expect(readFileSync(join(place.work, 'o.txt'), 'utf8')).toBe('Two.\n');
  } finally {
    await server.close();
  }
});
