import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Workspace } from '../../../src/protocol/workspace.ts';
import { type LocalPlace, localPlace } from './local.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const textOf = async (workspace: Workspace, path: string) =>
  new TextDecoder().decode((await workspace.readFile(path)).bytes);

describe.each([['by descriptor'], ['by real path']])('the path rule, %s', (how) => {
  const walk_descriptors = how === 'by descriptor' && process.platform === 'linux';
  let place: LocalPlace;
  let outside: string;
  beforeEach(() => {
    place = localPlace();
    outside = join(place.base, 'outside');
    mkdirSync(outside);
    writeFileSync(join(outside, 'secret'), 'SECRET');
  });
  afterEach(() => place.dispose());
  const open = (roots = {}) => place.open(roots, { walk_descriptors });

  test('links inside are followed, links out are refused, for every use', async () => {
    const workspace = await open();
    mkdirSync(join(place.root, 'real'));
    symlinkSync('real', join(place.root, 'inside'));
    symlinkSync(outside, join(place.root, 'out'));
    symlinkSync('../outside/secret', join(place.root, 'leak'));
    symlinkSync(join(place.root, 'real', 'f'), join(place.root, 'absolute'));
    await workspace.writeFile('inside/f', bytes('x'));
    await workspace.writeFile('absolute', bytes('y'));
    expect(readFileSync(join(place.root, 'real', 'f'), 'utf8')).toBe('y');
    expect(readlinkSync(join(place.root, 'absolute'))).toBe(join(place.root, 'real', 'f'));
    expect(await textOf(workspace, 'out/../real/f').catch((error) => error.code)).toBe('path_escape');
    for (const path of [
      'leak',
      'out/secret',
      'out',
      'inside/../../outside/secret',
      join(outside, 'secret'),
    ]) {
      await expect(workspace.readFile(path)).rejects.toMatchObject({
        code: 'path_escape',
        message: expect.stringContaining('--read-dir'),
      });
      await expect(workspace.writeFile(path, bytes('no'))).rejects.toMatchObject({
        code: 'path_escape',
        message: expect.stringContaining('--add-dir'),
      });
      await expect(workspace.resolve(path, 'write')).rejects.toMatchObject({ code: 'path_escape' });
    }
    await expect(workspace.list('out')).rejects.toMatchObject({ code: 'path_escape' });
    await expect(workspace.mkdir('out/new')).rejects.toMatchObject({ code: 'path_escape' });
    await expect(workspace.rename('inside', 'out/moved')).rejects.toMatchObject({ code: 'path_escape' });
    await expect(workspace.start({ command_id: 'c', program: 'true', cwd: 'out' })).rejects.toMatchObject({
      code: 'path_escape',
    });
    await workspace.remove('out');
    expect(readdirSync(outside)).toEqual(['secret']);
    expect(readFileSync(join(outside, 'secret'), 'utf8')).toBe('SECRET');
  });

  test('added folders are for everything, read roots for reading', async () => {
    const added = join(place.base, 'added');
    mkdirSync(added);
    const workspace = await open({ add_dirs: [added], read_roots: [outside] });
    expect(await textOf(workspace, join(outside, 'secret'))).toBe('SECRET');
    expect(await textOf(workspace, '../outside/secret')).toBe('SECRET');
    await expect(workspace.writeFile(join(outside, 'x'), bytes(''))).rejects.toMatchObject({
      code: 'path_escape',
    });
    await workspace.writeFile(join(added, 'x'), bytes('x'));
    const { result } = await workspace.start({ command_id: 'p', program: 'pwd', cwd: added });
    expect((await result).stdout).toBe(`${added}\n`);
    expect(workspace).toMatchObject({ root: place.root, add_dirs: [added], read_roots: [outside] });
    expect(await workspace.resolve(join(outside, 'secret'), 'read')).toEqual({
      path: join(outside, 'secret'),
      exists: true,
      inside: 'read_root',
    });
    expect(await workspace.resolve('new/deep/file', 'write')).toEqual({
      path: join(place.root, 'new/deep/file'),
      relative: 'new/deep/file',
      exists: false,
      inside: 'workspace',
    });
    expect((await workspace.resolve('.', 'cwd')).relative).toBe('.');
    await expect(workspace.resolve('new/../../x', 'write')).rejects.toMatchObject({ code: 'path_escape' });
  });

  test('a workspace reached by a link takes both spellings', async () => {
    symlinkSync(place.root, join(place.base, 'alias'));
    symlinkSync(place.base, join(place.base, 'other-way'));
    const workspace = await open({ workspace: join(place.base, 'alias') });
    await workspace.writeFile(join(place.base, 'alias', 'f'), bytes('x'));
    expect(await textOf(workspace, join(place.root, 'f'))).toBe('x');
    expect(await textOf(workspace, join(place.base, 'other-way', 'workspace', 'f'))).toBe('x');
    expect(workspace.root).toBe(place.root);
  });

  test('links in a circle, pipes, sockets and devices are no files', async () => {
    const workspace = await open(process.getuid?.() === 0 ? { read_roots: ['/dev'] } : {});
    symlinkSync('b', join(place.root, 'a'));
    symlinkSync('a', join(place.root, 'b'));
    execFileSync('mkfifo', [join(place.root, 'fifo')]);
    const server = createServer().listen(join(place.root, 'socket'));
    await once(server, 'listening');
    for (const path of ['a', 'a/x', 'fifo', 'socket']) {
      await expect(workspace.readFile(path)).rejects.toMatchObject({ code: 'invalid_request' });
      await expect(workspace.writeFile(path, bytes(''))).rejects.toMatchObject({ code: 'invalid_request' });
    }
    expect(await workspace.stat('fifo')).toMatchObject({ type: 'other' });
    expect(lstatSync(join(place.root, 'fifo')).isFIFO()).toBe(true);
    if (process.getuid?.() === 0) {
      await expect(workspace.readFile('/dev/zero')).rejects.toThrow('a device, not a file');
    }
    await new Promise((resolve) => server.close(resolve));
  });

  test('/proc is refused though a read root lies above it', async () => {
    const workspace = await open({ read_roots: ['/'] });
    symlinkSync('/proc/self/environ', join(place.root, 'environ'));
    for (const path of ['/proc/self/environ', 'environ', '/proc/self/root/proc/version', '/proc']) {
      await expect(workspace.readFile(path)).rejects.toMatchObject({ code: 'path_escape' });
    }
    expect(await textOf(workspace, '/etc/passwd')).toContain('root:');
  });

  test('a folder that vanishes is told, and used again when it is back', async () => {
    const workspace = await open();
    rmSync(place.root, { recursive: true });
    await expect(workspace.readFile('f')).rejects.toMatchObject({ code: 'not_found' });
    await expect(workspace.start({ command_id: 'v', program: 'true' })).rejects.toMatchObject({
      code: 'not_found',
    });
    mkdirSync(place.root);
    await workspace.writeFile('f', bytes('back'));
    expect(readFileSync(join(place.root, 'f'), 'utf8')).toBe('back');
  });

  test('a replaced file keeps its mode and owner', async () => {
    const workspace = await open();
    writeFileSync(join(place.root, 'run.sh'), 'a', { mode: 0o750 });
    await workspace.writeFile('run.sh', bytes('b'));
    expect(statSync(join(place.root, 'run.sh')).mode & 0o777).toBe(0o750);
    await workspace.writeFile('run.sh', bytes('c'), { mode: 0o600 });
    expect(statSync(join(place.root, 'run.sh')).mode & 0o777).toBe(0o600);
    expect(readdirSync(place.root)).toEqual(['run.sh']);
  });

  test('reads out of range and too long names say so', async () => {
    const workspace = await open();
    await workspace.writeFile('f', bytes('abc'));
    expect((await workspace.readFile('f', { offset: 9, length: 2 })).bytes).toHaveLength(0);
    await expect(workspace.readFile('f', { offset: -1 })).rejects.toMatchObject({ code: 'invalid_request' });
    await expect(workspace.writeFile('x'.repeat(300), bytes(''))).rejects.toMatchObject({
      code: 'invalid_request',
    });
    await expect(workspace.readFile('f', { signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
    await workspace.close();
    await expect(workspace.readFile('f')).rejects.toMatchObject({ code: 'session_closed' });
    await workspace.close();
  });
});

/** Another process exchanges a folder for a link to outside as fast as it can, until its stdin ends. */
const SWAPPER = `
const fs = require('node:fs');
const [root, outside] = process.argv.slice(1);
let going = true;
process.stdin.on('end', () => (going = false)).resume();
console.log('ready');
(function swap() {
  for (let turn = 0; turn < 200; turn += 1) {
    fs.renameSync(root + '/d', root + '/d.away');
    fs.symlinkSync(outside, root + '/d');
    fs.unlinkSync(root + '/d');
    fs.renameSync(root + '/d.away', root + '/d');
  }
  if (going) setImmediate(swap);
})();`;

test.runIf(process.platform === 'linux')('a race between a folder and a link never leads out', async () => {
  const place = localPlace();
  const outside = join(place.base, 'outside');
  mkdirSync(join(place.root, 'd', 'e'), { recursive: true });
  mkdirSync(join(outside, 'e'), { recursive: true });
  writeFileSync(join(place.root, 'd', 'e', 'f'), 'inside');
  writeFileSync(join(outside, 'e', 'f'), 'SECRET');
  const workspace = await place.open();
  const swapper = spawn(process.execPath, ['-e', SWAPPER, place.root, outside], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    await once(swapper.stdout, 'data');
    const seen = new Map<string, number>();
    const note = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1);
    const ends = performance.now() + 1500;
    while (performance.now() < ends) {
      await textOf(workspace, 'd/e/f').then(note, (error) => note(error.code));
      await workspace.writeFile('d/e/f', bytes('inside')).then(
        () => note('written'),
        (error) => note(error.code),
      );
      await workspace.writeFile('d/e/new', bytes('')).then(
        () => note('made'),
        (error) => note(error.code),
      );
      await workspace.remove('d/e/new').then(
        () => note('removed'),
        (error) => note(error.code),
      );
      await workspace.list('d/e').then(
        () => note('listed'),
        (error) => note(error.code),
      );
    }
    for (const what of ['inside', 'written', 'made', 'removed', 'path_escape'])
      expect(seen.has(what)).toBe(true);
    expect([...seen.keys()].filter((what) => what === 'SECRET' || what === 'internal')).toEqual([]);
    expect(readdirSync(join(outside, 'e'))).toEqual(['f']);
    expect(readFileSync(join(outside, 'e', 'f'), 'utf8')).toBe('SECRET');
  } finally {
    swapper.stdin.end();
    await once(swapper, 'exit');
    await place.dispose();
  }
});

test('two agents that read, then write the same file: one is told, no edit is lost', async () => {
  const place = localPlace();
  const [one, other] = [await place.open(), await place.open()];
  await one.writeFile('f', bytes('0'));
  const increment = async (workspace: Workspace) => {
    for (;;) {
      const { bytes: read, digest } = await workspace.readFile('f', { digest: true });
      const next = String(Number(new TextDecoder().decode(read)) + 1);
      try {
        await workspace.writeFile('f', bytes(next), { if_match: digest ?? null });
        return;
      } catch (error) {
        expect(error).toMatchObject({ code: 'conflict' });
      }
    }
  };
  await Promise.all(Array.from({ length: 20 }, (_, index) => increment(index % 2 === 0 ? one : other)));
  expect(await textOf(one, 'f')).toBe('20');
  await place.dispose();
});

test.runIf(process.getuid?.() === 0)(
  'what the user may not read or write is forbidden, by name',
  async () => {
    const place = localPlace();
    for (const folder of [place.base, place.root]) execFileSync('chmod', ['755', folder]);
    writeFileSync(join(place.root, 'private'), 'x', { mode: 0o600 });
    const code = `
    const { unixLocal } = await import(${JSON.stringify(new URL('../../../src/runner/index.ts', import.meta.url).href)});
    const root = ${JSON.stringify(place.root)};
    const session = await unixLocal({ spool_dir: '/nowhere' }).createSession({
      id: 'd', provider_id: 'unix-local', config: { root }, default_manifest: { entries: [], mounts: [] } });
    const workspace = await session.openWorkspace({ workspace: root });
    const codeOf = (promise) => promise.then(() => 'done', (error) => error.code + ' ' + error.message);
    console.log(JSON.stringify([await codeOf(workspace.readFile('private')),
      await codeOf(workspace.writeFile('new', new Uint8Array()))]));`;
    const options = { uid: 65_534, gid: 65_534, encoding: 'utf8' } as const;
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', code], options);
    expect(JSON.parse(output)).toEqual([
      'forbidden private is not permitted for this user',
      'forbidden new is not permitted for this user',
    ]);
    await place.dispose();
  },
);
