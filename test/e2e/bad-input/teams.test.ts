import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type Finished, NOBODY, type Scratch, STACK, test, teamText } from '../cli.ts';

/** Issue 2 section 11, first line: what each bad team gets. Refused with exit 2, in one line, before a store is made. */
async function refused(place: Scratch, words: string[], options = {}): Promise<Finished> {
  const ended = await place.run(words, options);
  expect(ended).toMatchObject({ code: 2, stdout: '' });
  expect(ended.stderr).not.toMatch(STACK);
  return ended;
}

test.concurrent('a team file that is missing', async ({ place }) => {
  const { stderr } = await refused(place, ['run', 'nope.yaml', 'hi']);
  expect(stderr).toBe(`yonder: ${place.work}/nope.yaml: there is no such team file\n`);
});

test.concurrent('an empty one', async ({ place }) => {
  await place.write('team.yaml', '');
  const { stderr } = await refused(place, ['run', 'team.yaml', 'hi']);
  expect(stderr).toBe('yonder: team.yaml: is empty; a team has at least one agent under `agents`\n');
});

test.concurrent('a binary one', async ({ place }) => {
  await place.write('team.yaml', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0xff]));
  const { stderr } = await refused(place, ['run', 'team.yaml', 'hi']);
  expect(stderr).toBe(`yonder: ${place.work}/team.yaml: is binary, not a team file\n`);
});

test.concurrent('one that is not UTF-8, with where it is not', async ({ place }) => {
  await place.write(
    'team.yaml',
    Buffer.concat([Buffer.from(teamText()), Buffer.from([0x23, 0x20, 0xe9, 0x0a])]),
  );
  const { stderr } = await refused(place, ['run', 'team.yaml', 'hi']);
  expect(stderr).toMatch(/^yonder: .*team\.yaml: is not UTF-8 \(byte \d+\); save it as UTF-8\n$/);
});

test.concurrent('one that may not be read', async ({ place }) => {
  await place.write('team.yaml', teamText());
  place.giveTo(NOBODY);
  await chmod(join(place.work, 'team.yaml'), 0);
  const { stderr } = await refused(place, ['run', 'team.yaml', 'hi'], { uid: NOBODY });
  expect(stderr).toMatch(/^yonder: .*team\.yaml: .*may not be read by this user\n$/);
});

test.concurrent('a folder without a team, with the names that it would have', async ({ place }) => {
  await mkdir(join(place.work, 'folder'));
  const { stderr } = await refused(place, ['run', 'folder', 'hi']);
  expect(stderr).toBe(
    `yonder: ${place.work}/folder: this folder has no team; it would be in yonder.yaml, yonder.yml, docker-agent.yaml, docker-agent.yml, agent.yaml, agent.yml\n`,
  );
});

test.concurrent('a team over 1 MiB', async ({ place }) => {
  await place.write('team.yaml', `${teamText()}# ${'x'.repeat(1024 * 1024)}\n`);
  const { stderr } = await refused(place, ['run', 'team.yaml', 'hi']);
  expect(stderr).toMatch(/team\.yaml: .*1 MiB/);
});

test.concurrent('all faults of a team at once, each with its place, its line and the nearest spelling', async ({
  place,
}) => {
  await place.write(
    'team.yaml',
    'agents:\n  root:\n    modle: openai/gpt-4o\n    toolsets:\n      - type: filesytem\n    sub_agents: [helpr]\n  helper:\n    model: openai/gpt-4o\n    instruction: 3\n',
  );
  const { stderr } = await refused(place, ['run', 'team.yaml', '--dry-run']);
  expect(stderr).toMatch(/team\.yaml:3:5: .*modle.*model/);
  expect(stderr).toMatch(/team\.yaml:5:15: .*filesytem.*filesystem/);
  expect(stderr).toMatch(/team\.yaml:6:18: .*helpr.*helper/);
  expect(stderr).toContain('    modle: openai/gpt-4o');
});

test.concurrent('a duplicate key, a tab, and an alias bomb', async ({ place }) => {
  await place.write('twice.yaml', `${teamText()}agents:\n  other:\n    model: openai/gpt-4o\n`);
  await place.write('tab.yaml', 'agents:\n\troot:\n\t\tmodel: openai/gpt-4o\n');
  const level = (name: string, of: string): string =>
    `${name}: &${name} [${Array(10).fill(`*${of}`).join(', ')}]\n`;
  await place.write(
    'bomb.yaml',
    `a: &a [x]\n${level('b', 'a')}${level('c', 'b')}${level('d', 'c')}${level('e', 'd')}${level('f', 'e')}${level('g', 'f')}${teamText()}`,
  );
  expect((await refused(place, ['run', 'twice.yaml', 'hi'])).stderr).toMatch(/twice\.yaml:6:1: .*agents/);
  expect((await refused(place, ['run', 'tab.yaml', 'hi'])).stderr).toMatch(/tab\.yaml:2:1: .*tab/i);
  expect((await refused(place, ['run', 'bomb.yaml', 'hi'])).stderr).toMatch(/bomb\.yaml:\d+:\d+: .*alias/i);
});

test.concurrent('a key that is not built yet is a warning in a dry run and unsupported in a run', async ({
  place,
}) => {
  await place.write('team.yaml', teamText({ toolsets: ['memory'] }));
  const dry = await place.run(['run', 'team.yaml', '--dry-run']);
  expect(dry.code).toBe(0);
  expect(dry.stderr).toMatch(/team\.yaml:7:\d+: warning: .*memory/);
  const ran = await place.run(['run', 'team.yaml', 'hi']);
  expect(ran).toMatchObject({ code: 5, stdout: '' });
  expect(ran.stderr).toMatch(/memory.*team\.yaml:7/);
});

test.concurrent('a name that resolves to itself alone', async ({ place }) => {
  await place.write(
    'team.yaml',
    `${teamText({ model: 'one' })}models:\n  one:\n    provider: one\n    model: x\nproviders:\n  one:\n    provider: one\n`,
  );
  const { stderr } = await refused(place, ['run', 'team.yaml', 'hi']);
  expect(stderr).toMatch(/"one" refers to itself/);
});

test.concurrent('an unreadable or broken configuration of the user', async ({ place }) => {
  await place.write('../config/yonder/config.yaml', 'settings: [\n');
  const { stderr } = await refused(place, ['run', 'default', 'hi']);
  expect(stderr).toMatch(/config\/yonder\/config\.yaml/);
});
