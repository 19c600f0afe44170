import { expect, test } from 'vitest';
import { GOVERNING_FILES, isGoverningPath } from '../../../src/runtime/decisions/governing.ts';
import { isSecretPath, SECRET_FILES } from '../../../src/runtime/decisions/secrets.ts';

test.each([
  'yonder.yaml',
  'sub/docker-agent.yaml',
  'agent.yml',
  'AGENTS.md',
  'docs/agents.md',
  '.git/hooks/pre-commit',
  '.git/config',
  '.git',
  'x/.git/config',
  '.git/modules/a/hooks/post-checkout',
  '.husky/pre-push',
  '.yonder/x',
  '.agents/skills/a/SKILL.md',
  'skills/a/b.sh',
  '/home/u/.bashrc',
  '.bash_profile',
  '.bash_login',
  '.bash_logout',
  '.bash_aliases',
  '.profile',
  '.zshrc',
  '.zshenv',
  '.zprofile',
  '.zlogin',
  '.zlogout',
  '.kshrc',
  '.mkshrc',
  '.cshrc',
  '.tcshrc',
  '.login',
  '.inputrc',
  'sub/.envrc',
  '.gitconfig',
  '/etc/profile.d/a.sh',
  '.config/fish/config.fish',
  'yonder.config.yaml',
  'CLAUDE.md',
  '/home/u/.config/yonder/config.yaml',
  './src/../AGENTS.md',
  '.GIT/HOOKS/x',
  '.g\u200Cit/config',
  'YONDER.YAML',
])('%j governs', (path) => {
  expect(isGoverningPath(path)).toBe(true);
});

test.each([
  'src/a.ts',
  'my-yonder.yaml',
  '.gitignore',
  '.git/info/exclude',
  'AGENTS.md.bak',
  'config',
  'myskills/a',
])('%j does not govern', (path) => {
  expect(isGoverningPath(path)).toBe(false);
});

test('the session adds files and folders', () => {
  const extra = ['team/my.yaml', '/data/yonder/'];
  expect(isGoverningPath('team/my.yaml', { extra })).toBe(true);
  expect(isGoverningPath('/data/yonder/session.db', { extra })).toBe(true);
  expect(isGoverningPath('/data/yonder2/session.db', { extra })).toBe(false);
});

test.each([
  '.env',
  '.env.local',
  'a/.ENV',
  'x.pem',
  'a/b.key',
  'id_rsa',
  '/home/u/.ssh/config',
  '.ssh',
  '.gnupg/x',
  '.aws/config',
  '.azure/a',
  '.kube/config',
  '/root/.docker/config.json',
  '.netrc',
  '.npmrc',
  '.pypirc',
  '.git-credentials',
  'credentials.json',
  'a/../.env',
])('%j may hold secrets', (path) => {
  expect(isSecretPath(path)).toBe(true);
});

test.each(['env', 'src/keys.ts', 'docker/config.json', 'pem', 'src/environment.ts', '.'])(
  '%j holds none',
  (path) => {
    expect(isSecretPath(path)).toBe(false);
  },
);

test('the user adds to the list', () => {
  expect(isSecretPath('a/vault/x', ['vault/'])).toBe(true);
  expect(isSecretPath('a/token.txt', ['token.*'])).toBe(true);
  expect(isSecretPath('etc/app/token', ['app/token'])).toBe(true);
  expect(isSecretPath('app/other', ['app/token'])).toBe(false);
  expect(isSecretPath('a/My.Vault', ['*.VAULT'])).toBe(true);
});

test('every entry of the tables matches what it names', () => {
  const { names, files, folders } = GOVERNING_FILES;
  for (const path of [...names, ...files, ...folders.map((folder) => `${folder}/x`)]) {
    expect([path, isGoverningPath(`/home/u/${path}`)]).toEqual([path, true]);
  }
  for (const entry of SECRET_FILES) {
    const path = `${entry.replace('*', 'x')}${entry.endsWith('/') ? 'x' : ''}`;
    expect([path, isSecretPath(`/home/u/${path}`)]).toEqual([path, true]);
  }
});
