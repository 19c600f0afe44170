import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { played, scratch, teamText, test } from '../cli.ts';
import { hasTmux, openTerminal } from '../terminal.ts';

const wanting = (name: string): string => teamText().replace('Do what', `\${env.${name}} do what`);

test('a yes to a found team is kept, asked again when its list changes, and can be taken back', async ({
  skip,
}) => {
  if (!hasTmux) skip('there is no tmux here');
  const place = await scratch();
  await played(place, [{ text: 'Done.' }]);
  const team = await place.write('yonder.yaml', wanting('HOME'));
  mkdirSync(join(place.work, '.git'));
  const inside = join(place.work, 'deep', 'er');
  mkdirSync(inside, { recursive: true });
  const words = ['run', '--exec', '--fake', join(place.work, 'cassette.yaml'), 'hi'];
  expect((await place.run(words, { cwd: inside })).code).toBe(3);

  const terminal = openTerminal(place, ['run', '--exec', '--fake', 'cassette.yaml', 'hi']);
  await terminal.shows('Trust it? [y]es, [n]o >');
  terminal.say('y');
  await terminal.shows('EXIT 0');
  const file = join(place.root, 'data', 'yonder', 'trust.json');
  const kept = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
  expect(Object.keys(kept)).toEqual([team]);
  expect(statSync(file).mode & 0o777).toBe(0o600);

  expect((await place.run(words, { cwd: inside })).code).toBe(0);
  await place.write('yonder.yaml', wanting('HOME').replace('asked', 'told'));
  expect((await place.run(words)).code).toBe(0);
  const listed = await place.run(['permissions', 'list', '--json']);
  expect(JSON.parse(listed.stdout)).toMatchObject({ kind: 'trust', pattern: team, digest: kept[team] });
  expect((await place.run(['doctor'])).stdout).toContain(`trusted teams: ${team}`);

  await place.write('yonder.yaml', wanting('LANG'));
  const other = await place.run(words);
  expect(other).toMatchObject({ code: 3, stdout: '' });
  expect(other.stderr).toContain('LANG');
  expect((await place.run(['run', '--trust', ...words.slice(1)])).code).toBe(0);
  expect((await place.run(words)).code).toBe(3);

  await place.write('yonder.yaml', wanting('HOME'));
  expect((await place.run(words)).code).toBe(0);
  expect((await place.run(['permissions', 'remove', 'yonder.yaml'])).stdout).toBe(
    `${team} is not trusted any more\n`,
  );
  expect((await place.run(words)).code).toBe(3);
});

test('a broken list of trusted teams trusts nothing, and says what to do', async ({ place }) => {
  await played(place, [{ text: 'Done.' }]);
  await place.write('yonder.yaml', wanting('HOME'));
  await place.write('data/trust.json', '{"/x": 1}');
  const ended = await place.run(['--data-dir', 'data', '--exec', '--fake', 'cassette.yaml', 'hi']);
  expect(ended.code).toBe(2);
  expect(ended.stderr).toContain('trust.json is not a list of trusted teams; delete it');
  expect((await place.run(['--data-dir', 'data', 'doctor'])).stdout).toMatch(/^failed +trusted teams/m);
});
