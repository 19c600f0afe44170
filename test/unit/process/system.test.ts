import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { writeFileAtomic } from '../../../src/process/atomic-file.ts';
import { fuseKind, networkFilesystem } from '../../../src/process/filesystem-kind.ts';
import { folders } from '../../../src/process/folders.ts';
import { detectShell, findProgram } from '../../../src/process/shell.ts';
import { onSignals } from '../../../src/process/signals.ts';

const folder = mkdtempSync(join(tmpdir(), 'yonder-system-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('folders follow XDG, pass over relative values and let the caller win', () => {
  const home = '/home/ada';
  expect(folders({ home, env: {} })).toEqual({
    config: '/home/ada/.config/yonder',
    data: '/home/ada/.local/share/yonder',
    cache: '/home/ada/.cache/yonder',
    state: '/home/ada/.local/state/yonder',
    runtime: '/home/ada/.local/state/yonder/run',
  });
  const env = {
    XDG_CONFIG_HOME: '/c',
    XDG_DATA_HOME: 'relative',
    XDG_CACHE_HOME: '',
    XDG_STATE_HOME: '/s',
    XDG_RUNTIME_DIR: '/run/user/1',
  };
  expect(folders({ home, env, overrides: { state: '/mine', config: undefined } })).toEqual({
    config: '/c/yonder',
    data: '/home/ada/.local/share/yonder',
    cache: '/home/ada/.cache/yonder',
    state: '/mine',
    runtime: '/run/user/1/yonder',
  });
});

test('an atomic write has its mode whatever the umask, replaces links, and leaves nothing beside it', async () => {
  const inside = join(folder, 'atomic');
  mkdirSync(inside);
  writeFileSync(join(inside, 'target'), 'kept');
  symlinkSync('target', join(inside, 'file'));
  await writeFileAtomic(join(inside, 'file'), 'one');
  expect(readFileSync(join(inside, 'target'), 'utf8')).toBe('kept');
  expect(statSync(join(inside, 'file')).mode & 0o777).toBe(0o600);
  await writeFileAtomic(join(inside, 'file'), new Uint8Array([0, 255]), { mode: 0o666 });
  expect([...readFileSync(join(inside, 'file'))]).toEqual([0, 255]);
  expect(statSync(join(inside, 'file')).mode & 0o777).toBe(0o666);
  mkdirSync(join(inside, 'occupied', 'x'), { recursive: true });
  await expect(writeFileAtomic(join(inside, 'occupied'), 'x')).rejects.toThrow(/EISDIR|EEXIST|ENOTEMPTY/);
  await expect(writeFileAtomic(join(inside, 'no', 'file'), 'x')).rejects.toThrow(/ENOENT/);
  expect(readdirSync(inside).sort()).toEqual(['file', 'occupied', 'target']);
});

test('$SHELL counts when it can be run and reads POSIX lines', () => {
  const bash = join(folder, 'bash');
  writeFileSync(bash, '#!/bin/sh\n');
  expect(detectShell({ SHELL: bash }).path).toBe('/bin/sh');
  chmodSync(bash, 0o755);
  expect(detectShell({ SHELL: bash })).toEqual({ path: bash, name: 'bash', args: ['-c'] });
  const fish = join(folder, 'fish');
  writeFileSync(fish, '', { mode: 0o755 });
  for (const SHELL of [undefined, '', 'bash', fish, '/no/such/bash']) {
    expect(detectShell({ SHELL })).toEqual({ path: '/bin/sh', name: 'sh', args: ['-c'] });
  }
});

test('programs are found along PATH, or by their path against the working directory', () => {
  mkdirSync(join(folder, 'bin', 'directory'), { recursive: true });
  writeFileSync(join(folder, 'bin', 'tool'), '', { mode: 0o755 });
  writeFileSync(join(folder, 'bin', 'text'), '', { mode: 0o644 });
  const env = { PATH: `/nowhere:${join(folder, 'bin')}` };
  expect(findProgram('tool', env, '/')).toBe(join(folder, 'bin', 'tool'));
  expect(findProgram('tool', { PATH: 'bin' }, folder)).toBe(join(folder, 'bin', 'tool'));
  expect(findProgram('./bin/tool', {}, folder)).toBe(join(folder, 'bin', 'tool'));
  for (const name of ['text', 'directory', 'none', '', 'to\0ol', './none']) {
    expect(findProgram(name, env, folder)).toBeNull();
  }
});

test('the first signal and the following ones are told apart until nobody listens', () => {
  const heard: string[] = [];
  const before = process.listenerCount('SIGUSR2');
  const off = onSignals({ once: (s) => heard.push(`once ${s}`), twice: (s) => heard.push(`twice ${s}`) }, [
    'SIGUSR2',
    'SIGWINCH',
  ]);
  for (const signal of ['SIGUSR2', 'SIGWINCH', 'SIGUSR2'] as const) process.emit(signal, signal);
  off();
  expect(heard).toEqual(['once SIGUSR2', 'twice SIGWINCH', 'twice SIGUSR2']);
  expect(process.listenerCount('SIGUSR2')).toBe(before);
});

test('a local folder is on no network file system, though it does not exist yet', async () => {
  expect(await networkFilesystem(join(folder, 'not', 'yet'))).toBeNull();
  expect(existsSync(join(folder, 'not'))).toBe(false);
  expect(await networkFilesystem('/proc')).toBeNull();
});

test('the kind of a FUSE file system is that of the mount point next above', () => {
  const mountinfo = [
    '1 0 8:1 / / rw - ext4 /dev/vda rw',
    '2 1 0:5 / /home/a\\040b rw shared:1 - fuse.sshfs host:/ rw',
    '3 2 0:6 / /home/a\\040b/local rw - fuse.ntfs-3g /dev/sdb rw',
  ].join('\n');
  expect(fuseKind(mountinfo, '/home/a b/x')).toBe('fuse.sshfs');
  expect(fuseKind(mountinfo, '/home/a b/local')).toBe('fuse.ntfs-3g');
  expect(fuseKind(mountinfo, '/home/a bc')).toBe('ext4');
});

test('a file of another user is no reason to fail silently', () => {
  const secret = join(folder, 'secret');
  mkdirSync(secret, { mode: 0o700 });
  chmodSync(folder, 0o755);
  const code = `import(${JSON.stringify(new URL('../../../src/process/atomic-file.ts', import.meta.url).href)})
    .then((m) => m.writeFileAtomic(${JSON.stringify(join(secret, 'f'))}, 'x')).catch((e) => console.log(e.code));`;
  const asNobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  if (!('uid' in asNobody)) chmodSync(secret, 0o500);
  expect(execFileSync(process.execPath, ['-e', code], { ...asNobody, encoding: 'utf8' }).trim()).toBe(
    'EACCES',
  );
});
