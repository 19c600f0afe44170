import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findProjectTeam, loadTeam, readTeamSource, TEAM_FILE_NAMES } from '../../../src/team/index.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'yonder-team-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const TEAM = 'agents: {root: {}}\n';
const none = (): boolean => false;

describe('readTeamSource', () => {
  test('a file, its byte order mark kept for the loader', async () => {
    const path = join(folder, 'my.yaml');
    await writeFile(path, `\uFEFF${TEAM}`);
    const source = await readTeamSource(path, none);
    expect(source).toEqual({ kind: 'inline', entry: path, files: { [path]: `\uFEFF${TEAM}` } });
    expect(loadTeam(source).team.name).toBe('my');
  });

  test('a folder, by the order of names', async () => {
    expect(TEAM_FILE_NAMES).toEqual([
      'yonder.yaml',
      'yonder.yml',
      'docker-agent.yaml',
      'docker-agent.yml',
      'agent.yaml',
      'agent.yml',
    ]);
    for (const name of TEAM_FILE_NAMES.toReversed()) {
      await writeFile(join(folder, name), TEAM);
      expect((await readTeamSource(folder, none)).entry).toBe(join(folder, name));
    }
  });

  test.each<[string, Uint8Array, string]>([
    ['not UTF-8', Buffer.from([0x61, 0x3a, 0x20, 0xff, 0x61]), 'is not UTF-8 (byte 4); save it as UTF-8'],
    ['UTF-16', Buffer.from([0xff, 0xfe, 0x61, 0]), 'is UTF-16; save it as UTF-8'],
    ['binary', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0]), 'is binary, not a team file'],
    ['large', Buffer.alloc(1024 * 1024 + 1, 0x20), 'is over 1 MiB; a team file holds the team alone'],
  ])('%s', async (_, bytes, message) => {
    const path = join(folder, 'a.yaml');
    await writeFile(path, bytes);
    await expect(readTeamSource(path, none)).rejects.toMatchObject({
      code: 'invalid_team',
      message: `${path}: ${message}`,
    });
  });

  test('a missing file names what is near', async () => {
    await writeFile(join(folder, 'team.yaml'), TEAM);
    const path = join(folder, 'taem.yaml');
    await expect(readTeamSource(path, none)).rejects.toMatchObject({
      code: 'invalid_team',
      message: `${path}: there is no such team file; did you mean "team.yaml"?`,
    });
  });

  test('a folder without a team says what it looked for', async () => {
    await expect(readTeamSource(folder, none)).rejects.toMatchObject({
      code: 'invalid_team',
      message: `${folder}: this folder has no team; it would be in ${TEAM_FILE_NAMES.join(', ')}`,
    });
  });

  test('a FIFO does not block', async () => {
    const path = join(folder, 'pipe.yaml');
    spawnSync('mkfifo', [path]);
    await expect(readTeamSource(path, none)).rejects.toMatchObject({
      message: `${path}: is not a regular file`,
    });
  });

  test('a file that this user may not read', async () => {
    const path = join(folder, 'secret.yaml');
    await writeFile(path, TEAM);
    await chmod(folder, 0o755);
    await chmod(path, 0o600);
    const script = `import { readTeamSource } from ${JSON.stringify(join(import.meta.dirname, '../../../src/team/source.ts'))};
      readTeamSource(process.argv[1], () => false).then(() => console.log('read'), (error) => console.log(error.code, error.message));`;
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', script, path], {
      uid: 65534,
      gid: 65534,
      encoding: 'utf8',
    });
    expect(child.stdout).toBe(`invalid_team ${path}: may not be read by this user\n`);
  });
});

describe('findProjectTeam', () => {
  test('upwards to the root of the repository, and no further', async () => {
    const deep = join(folder, 'repo', 'a', 'b');
    await mkdir(deep, { recursive: true });
    await writeFile(join(folder, 'yonder.yaml'), TEAM);
    await mkdir(join(folder, 'repo', '.git'));
    expect(await findProjectTeam(deep, '/nowhere')).toBeUndefined();
    await writeFile(join(folder, 'repo', 'docker-agent.yaml'), TEAM);
    expect(await findProjectTeam(deep, '/nowhere')).toBe(join(folder, 'repo', 'docker-agent.yaml'));
    await writeFile(join(deep, 'agent.yml'), TEAM);
    expect(await findProjectTeam(deep, '/nowhere')).toBe(join(deep, 'agent.yml'));
  });

  test('without a repository: up to the home folder, else in the folder alone', async () => {
    const deep = join(folder, 'home', 'a');
    await mkdir(deep, { recursive: true });
    await writeFile(join(folder, 'yonder.yaml'), TEAM);
    expect(await findProjectTeam(deep, join(folder, 'home'))).toBeUndefined();
    expect(await findProjectTeam(deep, '/nowhere')).toBeUndefined();
    expect(await findProjectTeam(folder, '/nowhere')).toBe(join(folder, 'yonder.yaml'));
    await writeFile(join(folder, 'home', 'yonder.yaml'), TEAM);
    expect(await findProjectTeam(deep, join(folder, 'home'))).toBe(join(folder, 'home', 'yonder.yaml'));
  });
});

describe('examples', async () => {
  const examples = join(import.meta.dirname, '../../../examples');
  const names = (await readdir(examples)).filter(
    (name) => name.endsWith('.yaml') && !name.includes('cassette'),
  );

  test('there are at least eight', () => {
    expect(names.length).toBeGreaterThanOrEqual(8);
  });

  test.each(names)('%s loads, and its editor knows its keys', async (name) => {
    const text = await readFile(join(examples, name), 'utf8');
    expect(text.startsWith('# yaml-language-server: $schema=../docs/team-schema.json\n')).toBe(true);
    const loaded = loadTeam(await readTeamSource(join(examples, name), none));
    expect(loaded.unsupported).toEqual([]);
  });
});
