import { spawnSync } from 'node:child_process';
import { chmod, chown, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isSecretPath } from '../../../src/runtime/decisions/secrets.ts';
import { discoverSkills } from '../../../src/runtime/skills/discover.ts';
import { broughtFiles } from '../../../src/runtime/skills/files.ts';
import { readTeamSource } from '../../../src/team/index.ts';
import { skillText, writeFiles } from '../../../src/testing/contract/skills-of.ts';

const root = resolve(import.meta.dirname, '../../..');
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'yonder-skill-files-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** What is found among files that came with a team. */
const among = (files: Record<string, string>) =>
  discoverSkills([
    {
      source: 'team',
      root: 'skills',
      folder: 'skills',
      files: broughtFiles(files),
      shown: (path) => path,
      required: true,
    },
  ]);

describe('what is looked for', () => {
  test('ten thousand skills: some of them, quickly, and it is said', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, index) => [
        `skills/s${index}/SKILL.md`,
        skillText(`s${index}`, 'Text.'),
      ]),
    );
    const begun = performance.now();
    const { skills, warnings } = await among(files);
    expect(performance.now() - begun).toBeLessThan(5_000);
    expect(skills).toHaveLength(256);
    expect(warnings).toEqual([
      expect.stringMatching(
        /^there are more than 256 skills; skills\/s\d+ and what comes after it is left out$/,
      ),
    ]);
  });

  test('texts have a bound together, a folder without any is said, and what is deeper is not found', async () => {
    const long = Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [
        `skills/s${index + 10}/SKILL.md`,
        skillText(`s${index + 10}`, 'x'.repeat(255 * 1024)),
      ]),
    );
    const { skills, warnings } = await among(long);
    expect(skills).toHaveLength(16);
    expect(warnings).toEqual([
      'the skill skills/s26/SKILL.md is left out: the skills have more than 4 MiB together',
    ]);
    expect((await among({ 'other/a.md': '' })).warnings).toEqual([
      'the skill skills is left out: nothing came of it with the team; skills is not there, or holds no SKILL.md',
    ]);
    const deep = await among({
      'skills/a/b/c/SKILL.md': skillText('c', 'C.'),
      'skills/a/b/d/e/SKILL.md': skillText('e', 'E.'),
    });
    expect(deep.skills.map(({ name }) => name)).toEqual(['c']);
  });

  test('of many files some are pinned, none that may hold secrets', async () => {
    const many = Object.fromEntries(Array.from({ length: 70 }, (_, index) => [`skills/a/f${index}.md`, 'x']));
    const { skills } = await among({
      ...many,
      'skills/a/SKILL.md': skillText('a', 'A.'),
      'skills/a/.env': 'KEY=1',
      'skills/a/.ssh/config': 'x',
      'skills/a/long.md': 'x'.repeat(300 * 1024),
    });
    expect(Object.keys(skills[0]?.files ?? {})).toHaveLength(64);
    expect(skills[0]).toMatchObject({ more_files: true });
    expect(Object.keys(skills[0]?.files ?? {}).filter((name) => isSecretPath(name))).toEqual([]);
  });
});

describe('what goes along with a team', () => {
  test('the files of skills below the folders that it names, nothing else, and no link out', async () => {
    await writeFiles(folder, {
      'team/a.yaml': 'agents: {root: {skills: [./skills, local, one, ../up, /etc, "https://x.example/"]}}',
      'team/skills/a/SKILL.md': skillText('a', 'A.'),
      'team/skills/a/more/b.md': 'b',
      'team/skills/a/.env': 'KEY=1',
      'team/skills/a/node_modules/x.md': 'x',
      'team/skills/a/long.md': 'x'.repeat(300 * 1024),
      'team/skills/loose.md': 'not of a skill',
      'team/secret.md': 'not of a skill',
      'up/SKILL.md': skillText('up', 'Up.'),
    });
    await writeFiles(folder, { 'team/skills/a/picture.png': '\u0000\u0001' });
    await symlink(join(folder, 'up'), join(folder, 'team/skills/linked'));
    await symlink(join(folder, 'up/SKILL.md'), join(folder, 'team/skills/a/link.md'));
    const entry = join(folder, 'team/a.yaml');
    const { files } = await readTeamSource(entry, isSecretPath);
    expect(files).toEqual({
      [entry]: expect.any(String),
      'skills/a/SKILL.md': skillText('a', 'A.'),
      'skills/a/more/b.md': 'b',
      'skills/a/link.md': '\u0000it leads out of the folder of the team',
      'skills/a/long.md': '\u0000it has more than 256 KiB',
      'skills/a/picture.png': '\u0000it is no text',
    });
    const { skills } = await among(files);
    expect(skills[0]?.files).toMatchObject({
      'long.md': 'unreadable',
      'more/b.md': expect.stringMatching(/^\w{64}$/),
    });
  });

  test('a team that is broken is for the loader to judge', async () => {
    await writeFiles(folder, { 'broken.yaml': 'agents: {root: {skills: [./a' });
    const entry = join(folder, 'broken.yaml');
    expect(Object.keys((await readTeamSource(entry, isSecretPath)).files)).toEqual([entry]);
  });
});

test('a skill that another user may not read is left out with words, and stops nothing', async () => {
  const work = join(folder, 'work');
  await writeFiles(work, {
    '.agents/skills/closed/SKILL.md': skillText('closed', 'Closed.'),
    '.agents/skills/shut/SKILL.md': skillText('shut', 'Shut.'),
    '.agents/skills/open/SKILL.md': skillText('open', 'Open.'),
    '.agents/skills/open/closed.md': 'x',
    'skills/a/SKILL.md': skillText('a', 'A.'),
    'team.yaml': 'agents: {root: {skills: [./skills]}}',
  });
  await chmod(folder, 0o755);
  for (const path of ['.agents/skills/closed/SKILL.md', '.agents/skills/open/closed.md', 'skills/a/SKILL.md'])
    await chmod(join(work, path), 0o000);
  await chmod(join(work, '.agents/skills/shut'), 0o000);
  await chown(work, 65_534, 65_534);
  const script = `
    import { unixLocal } from ${JSON.stringify(join(root, 'src/runner/providers/unix-local/provider.ts'))};
    import { discoverSkills } from ${JSON.stringify(join(root, 'src/runtime/skills/discover.ts'))};
    import { workspaceFiles } from ${JSON.stringify(join(root, 'src/runtime/skills/files.ts'))};
    import { readTeamSource } from ${JSON.stringify(join(root, 'src/team/index.ts'))};
    const work = process.argv[1];
    const provider = unixLocal({ spool_dir: work + '/spool', env: {}, withhold: () => false, pass_env: [] });
    const session = await provider.createSession({ id: 'a', provider_id: provider.id, config: { root: work }, default_manifest: { entries: [], mounts: [] } });
    const workspace = await session.openWorkspace({ workspace: work });
    const found = await discoverSkills([{ source: 'workspace', root: '', folder: '.agents/skills', files: workspaceFiles(async () => workspace), shown: (path) => path, required: false }]);
    await workspace.close();
    const { files } = await readTeamSource(work + '/team.yaml', () => false);
    console.log(JSON.stringify({ skills: found.skills.map(({ name, files }) => [name, files]), warnings: found.warnings, sent: files['skills/a/SKILL.md'] }));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script, work], {
    uid: 65_534,
    gid: 65_534,
    cwd: '/',
    env: { PATH: process.env['PATH'] },
    encoding: 'utf8',
  });
  await chmod(join(work, '.agents/skills/shut'), 0o755);
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual({
    skills: [['open', { 'closed.md': 'unreadable' }]],
    warnings: [
      'the skill .agents/skills/closed/SKILL.md is left out: .agents/skills/closed/SKILL.md is not permitted for this user',
      'the skill .agents/skills/shut is left out: .agents/skills/shut is not permitted for this user',
    ],
    sent: '\u0000it cannot be read (EACCES)',
  });
});
