import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ServedTeams } from '../../../../src/cli/serve/served-teams.ts';
import type { Alias } from '../../../../src/config/user-config.ts';
import type { Egress } from '../../../../src/process/egress/egress.ts';
import { memoryIo } from '../streams.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'yonder-served-'));
  mkdirSync(join(folder, 'teams'));
  write('teams/write.yaml', team('writes'));
  write('teams/review.yml', team('reviews'));
  write('teams/notes.md', '# no team');
  write('other.yaml', team('other'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}

/** With a rule that needs a yes. */
function team(description: string): string {
  return `agents:\n  root:\n    model: openai/gpt-4o\n    description: ${description}\n    instruction: Do it.\npermissions:\n  allow: ["shell"]\n`;
}

interface Options {
  aliases?: Record<string, Alias>;
  trust?: boolean;
  /** What the address of a team answers. */
  remote?: () => string;
}

function read(words: string[], { aliases = {}, trust = false, remote = () => '' }: Options = {}) {
  const egress: Egress = async ({ url }) => ({
    url,
    status: 200,
    headers: {},
    body: new TextEncoder().encode(remote()),
    cut: false,
    redirects: [],
  });
  const fetching = { egress, cacheFolder: join(folder, 'cache'), now: () => new Date() };
  return ServedTeams.read({ words, aliases, io: memoryIo({ cwd: folder, home: folder }), fetching, trust });
}

test('teams are named by their files; a folder is every team file in it', async () => {
  const { teams } = await read(['teams', 'other.yaml', 'coder']);
  expect(teams.map(({ name, description }) => [name, description])).toMatchObject([
    ['review', 'reviews'],
    ['write', 'writes'],
    ['other', 'other'],
    ['coder', expect.any(String)],
  ]);
  expect(teams.map((served) => served.trust_digest === undefined)).toEqual([false, false, false, false]);
});

test('an alias is the name that it is served by', async () => {
  const { teams } = await read(['mine'], { aliases: { mine: { path: '~/other.yaml' } } });
  expect(teams.map(({ name, description }) => [name, description])).toEqual([['mine', 'other']]);
});

test('two of one name, a broken one, a folder without one and a missing file are refused', async () => {
  mkdirSync(join(folder, 'more'));
  write('more/write.yaml', team('writes too'));
  await expect(read(['teams', 'more'])).rejects.toThrow(
    'teams/write.yaml and more/write.yaml would both be served as "write"; give one of the files another name',
  );
  write('teams/broken.yaml', 'agents:\n  root:\n    modle: x\n');
  await expect(read(['teams'])).rejects.toThrow(/^teams\/broken\.yaml:3:5: /);
  mkdirSync(join(folder, 'empty'));
  await expect(read(['empty'])).rejects.toThrow('the folder empty has no team');
  await expect(read(['none.yaml'])).rejects.toThrow('there is no such team file');
});

test('a team by URL is trusted when that is said, and only as it is then', async () => {
  let text = team('one');
  const url = 'https://teams.example/review.yaml';
  const [untrusted] = (await read([url], { remote: () => text })).teams;
  expect([untrusted?.name, untrusted?.trust_digest]).toEqual(['review', undefined]);
  const served = await read([url], { remote: () => text, trust: true });
  expect(served.teams[0]?.trust_digest).toBeDefined();
  text = text.replace('instruction: Do it.', 'instruction: Do it well.');
  expect(await served.again(() => undefined)).toEqual(['review']);
  expect(served.teams[0]?.trust_digest).toBeDefined();
  text = text.replace('["shell"]', '["shell", "fetch"]');
  expect(await served.again(() => undefined)).toEqual(['review']);
  expect(served.teams[0]?.trust_digest).toBeUndefined();
});

test('a team that cannot be read again stays as it was', async () => {
  const served = await read(['teams']);
  write('teams/write.yaml', 'agents: {');
  write('teams/review.yml', team('reviews more'));
  const problems: string[] = [];
  expect(await served.again((name) => problems.push(name))).toEqual(['review']);
  expect(problems).toEqual(['write']);
  expect(served.teams.map(({ description }) => description)).toEqual(['reviews more', 'writes']);
});
