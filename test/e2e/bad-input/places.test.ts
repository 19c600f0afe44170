import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, lstat, mkdir, readdir, readFile, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import {
  type Finished,
  NOBODY,
  played,
  scratch,
  type Scratch,
  STACK,
  type StartOptions,
  test,
  until,
} from '../cli.ts';

const HELLO = [{ text: 'Hello.' }, { text: 'Again.' }];

/** Refused before the run: exit 2, nothing on stdout, no session. */
async function refused(place: Scratch, flags: string[], options: StartOptions = {}): Promise<Finished> {
  const words = await played(place, HELLO);
  const ended = await place.run([...words, ...flags, 'hi'], options);
  expect(ended).toMatchObject({ code: 2, stdout: '' });
  expect(ended.stderr).not.toMatch(STACK);
  expect((await place.run(['sessions', 'list', '--json'])).stdout).toBe('');
  return ended;
}

test.concurrent('a working directory that does not exist, and one that is a file', async ({ place }) => {
  const missing = await refused(place, ['--working-dir', 'nowhere']);
  expect(missing.stderr).toBe(
    `yonder: the working directory ${place.work}/nowhere does not exist; name one with --working-dir\n`,
  );
  const file = await refused(place, ['--working-dir', 'team.yaml']);
  expect(file.stderr).toBe(`yonder: the working directory ${place.work}/team.yaml is not a folder\n`);
});

test.concurrent('a working directory that vanishes in the middle of a run', async ({ place }) => {
  await mkdir(join(place.work, 'there'));
  const words = await played(
    place,
    [
      { tool_calls: [{ name: 'shell', arguments: { cmd: `rm -r ${place.work}/there` } }] },
      { tool_calls: [{ name: 'list_directory', arguments: { path: '.' } }] },
      { tool_calls: [{ name: 'shell', arguments: { cmd: 'pwd' } }] },
      { text: 'It is gone.' },
    ],
    { toolsets: ['shell', 'filesystem'] },
  );
  const ended = await place.run([...words, '--working-dir', 'there', '--yolo', 'hi']);
  expect(ended).toMatchObject({ code: 0, stdout: 'It is gone.\n' });
  expect(ended.stderr).not.toMatch(STACK);
  const again = await place.run(['run', '--session', '-1', '--fake', 'cassette.yaml', 'more']);
  expect(again).toMatchObject({ code: 2, stdout: '' });
  expect(again.stderr).toContain('/there does not exist');
});

test.concurrent('a shell that stands in a folder that is gone', async ({ place }) => {
  await mkdir(join(place.work, 'gone'));
  const ended = await place.run(['run', 'default', 'hi'], {
    cwd: join(place.work, 'gone'),
    through: ['sh', '-c', 'rmdir "$PWD" && exec "$@"', 'sh'],
  });
  expect(ended).toMatchObject({ code: 2, stdout: '' });
  expect(ended.stderr).toContain(`${place.work}/gone does not exist`);
  expect(ended.stderr).not.toMatch(STACK);
});

test.concurrent('-o in a folder that is not there or may not be written is refused before the run', async ({
  place,
}) => {
  expect((await refused(place, ['-o', 'nowhere/answer'])).stderr).toContain('--output');
  expect((await refused(place, ['-o', '.'])).stderr).toMatch(/--output: .* is a folder/);
  await mkdir(join(place.work, 'locked'), { mode: 0o555 });
  place.giveTo(NOBODY);
  const locked = await place.run(
    ['run', 'team.yaml', '--exec', '--fake', 'cassette.yaml', '-o', 'locked/answer', 'hi'],
    { uid: NOBODY },
  );
  expect(locked).toMatchObject({ code: 2, stdout: '' });
  expect(locked.stderr).toMatch(/--output: .*locked.*EACCES/);
  const begun = await place.run(['run', 'team.yaml', '--exec', '--fake', 'cassette.yaml', 'hi'], {
    uid: NOBODY,
  });
  expect(begun.code).toBe(0);
  const exported = await place.run(['sessions', 'export', '-1', '-o', 'locked/said.md'], { uid: NOBODY });
  expect(exported).toMatchObject({
    code: 2,
    stdout: '',
    stderr: `yonder: --output: the folder ${join(place.work, 'locked')} cannot be used (EACCES)\n`,
  });
});

test.concurrent('a file that -o may not replace', async ({ place }) => {
  const words = await played(place, HELLO);
  await place.write('answer', 'old');
  await chmod(join(place.work, 'answer'), 0o444);
  place.giveTo(NOBODY);
  const ended = await place.run([...words, '-o', 'answer', 'hi'], { uid: NOBODY });
  // Written beside and renamed: what counts is the folder, as with mv.
  expect(ended.code).toBe(0);
  expect(await readFile(join(place.work, 'answer'), 'utf8')).toBe('Hello.\n');
});

test.concurrent('--env-from-file: missing, a folder, and a line that is none', async ({ place }) => {
  expect((await refused(place, ['--env-from-file', 'nope.env'])).stderr).toMatch(
    /--env-from-file: .*nope\.env/,
  );
  expect((await refused(place, ['--env-from-file', '.'])).stderr).toMatch(/--env-from-file: .*EISDIR/);
  await place.write('bad.env', 'A=1\nsk-0123456789\n');
  const { stderr } = await refused(place, ['--env-from-file', 'bad.env']);
  expect(stderr).toContain('bad.env:2:1: this line is no NAME=value');
  expect(stderr).not.toContain('sk-');
});

test.concurrent('--env-from-file holds a key: it counts, and shows nowhere', async ({ place }) => {
  const secret = 'sk-from-a-file-0123456789';
  await place.write('keys.env', `OPENAI_API_KEY=${secret}\n`);
  const words = await played(place, HELLO);
  const dry = await place.run(['run', 'team.yaml', '--dry-run', '--env-from-file', 'keys.env']);
  expect(dry).toMatchObject({ code: 0, stderr: '' });
  const ended = await place.run([...words, '--env-from-file', 'keys.env', 'hi']);
  expect(ended.code).toBe(0);
  expect(ended.stdout + ended.stderr + dry.stdout).not.toContain(secret);
  for (const name of await readdir(join(place.root, 'data', 'yonder'))) {
    const path = join(place.root, 'data', 'yonder', name);
    if (name.includes('.hosts')) continue;
    expect((await readFile(path)).includes(secret), name).toBe(false);
  }
});

test.concurrent('--log-file in an unwritable place; --prompt-file that is missing', async ({ place }) => {
  expect((await refused(place, ['--log-file', 'nowhere/log'])).stderr).toContain('--log-file: nowhere/log');
  expect((await refused(place, ['--prompt-file', 'nope.md'])).stderr).toMatch(/--prompt-file: .*nope\.md/);
});

test.concurrent('--add-dir and --read-dir that do not exist', async ({ place }) => {
  expect((await refused(place, ['--add-dir', 'nowhere'])).stderr).toMatch(/nowhere/);
  expect((await refused(place, ['--read-dir', 'nowhere'])).stderr).toMatch(/nowhere/);
});

test.concurrent('relative XDG folders are passed over, as their specification says', async ({ place }) => {
  const words = await played(place, HELLO);
  const env = { XDG_CONFIG_HOME: 'c', XDG_DATA_HOME: 'd', XDG_CACHE_HOME: 'x', XDG_STATE_HOME: 's' };
  const ended = await place.run([...words, 'hi'], { env });
  expect(ended.code).toBe(0);
  expect(await readdir(place.work)).toEqual(['cassette.yaml', 'team.yaml']);
  expect(await readdir(join(place.home, '.local', 'share', 'yonder'))).toContain('session.db');
});

test.concurrent('a data folder that may not be written: exit 4, with its path', async ({ place }) => {
  const words = await played(place, HELLO);
  place.giveTo(NOBODY);
  await chmod(place.root, 0o555);
  const ended = await place.run([...words, 'hi'], { uid: NOBODY });
  await chmod(place.root, 0o755);
  expect(ended).toMatchObject({ code: 4, stdout: '' });
  expect(ended.stderr).toBe(
    `yonder: the session store ${place.store} could not be made (EACCES: permission denied, mkdir '${join(place.root, 'data')}'); name another place with --session-db or --data-dir\n`,
  );
});

test.concurrent('HOME unset', async ({ place }) => {
  const words = await played(place, HELLO);
  const set = await place.run([...words, 'hi'], { env: { HOME: undefined } });
  expect(set).toMatchObject({ code: 0, stdout: 'Hello.\n' });
});

test.concurrent('no home at all: HOME unset and a user whom the system does not know', async ({ place }) => {
  const words = await played(place, HELLO);
  place.giveTo(54_321);
  const none = { HOME: undefined, XDG_DATA_HOME: undefined, XDG_STATE_HOME: undefined };
  const ended = await place.run([...words, 'hi'], { env: none, uid: 54_321 });
  expect(ended).toMatchObject({ code: 4, stdout: '' });
  expect(ended.stderr).toMatch(
    /^yonder: the session store \/\.local\/share\/yonder\/session\.db could not be made/,
  );
  expect(ended.stderr).not.toMatch(STACK);
  const named = await place.run([...words, '-s', 'store.db', 'hi'], {
    env: { ...none, XDG_STATE_HOME: join(place.root, 'state') },
    uid: 54_321,
  });
  expect(named).toMatchObject({ code: 0, stdout: 'Hello.\n' });
});

test.concurrent('-o on a device is written to, and on a link to what it names', async ({ place }) => {
  const words = await played(place, HELLO);
  execFileSync('mknod', [join(place.work, 'null'), 'c', '1', '3']);
  await place.write('target', 'old');
  await symlink('target', join(place.work, 'link'));
  expect(await place.run([...words, '-o', 'null', 'hi'])).toMatchObject({ code: 0 });
  expect((await stat(join(place.work, 'null'))).isCharacterDevice()).toBe(true);
  expect(await place.run([...words, '-o', 'link', 'hi'])).toMatchObject({ code: 0 });
  expect(await readFile(join(place.work, 'target'), 'utf8')).toBe('Hello.\n');
  expect((await lstat(join(place.work, 'link'))).isSymbolicLink()).toBe(true);
});

test.concurrent.for(['--fake', '--env-from-file', '--prompt-file'])(
  '%s on a FIFO that nobody writes to: a signal ends the wait',
  async (flag) => {
    const place = await scratch();
    const words = await played(place, HELLO);
    execFileSync('mkfifo', [join(place.work, 'fifo')]);
    const others = flag === '--fake' ? words.slice(0, 3) : words;
    const running = place.start([...others, flag, 'fifo', 'hi']);
    // The store is opened after the command minds signals, and before it reads the pipe.
    await until(() => existsSync(place.store));
    running.signal('SIGTERM');
    expect(await running.finished).toMatchObject({ code: 130, stdout: '', stderr: '' });
  },
);

test.concurrent('a FIFO is read when its writer comes, and what `<(command)` says too', async ({ place }) => {
  const words = await played(place, HELLO);
  await place.write('rules.md', 'Be kind.');
  execFileSync('mkfifo', [join(place.work, 'fifo')]);
  const script =
    '(sleep 0.3; cat cassette.yaml > fifo) & "$@" --fake fifo --env-from-file <(echo A=b) --prompt-file <(cat rules.md) hi; wait';
  const ended = await place.run(words.slice(0, 3), { through: ['bash', '-c', script, 'bash'] });
  expect(ended).toMatchObject({ code: 0, stdout: expect.stringContaining('Hello.') });
});

test.concurrent('a team and a configuration that are FIFOs are refused at once', async ({ place }) => {
  const words = await played(place, HELLO);
  execFileSync('mkfifo', [join(place.work, 'team.fifo')]);
  const team = await place.run(['run', 'team.fifo', ...words.slice(2), 'hi']);
  expect(team).toMatchObject({ code: 2, stdout: '' });
  expect(team.stderr).toContain('is not a regular file');
  await mkdir(join(place.work, 'config'));
  execFileSync('mkfifo', [join(place.work, 'config', 'config.yaml')]);
  expect((await refused(place, ['--config-dir', 'config'])).stderr).toMatch(
    /config\.yaml.*not a regular file/,
  );
});

test.concurrent('--log-file on a FIFO that nobody reads is refused at once; on one that is read it works', async ({
  place,
}) => {
  execFileSync('mkfifo', [join(place.work, 'log.fifo')]);
  expect((await refused(place, ['--log-file', 'log.fifo'])).stderr).toContain('--log-file: log.fifo');
  const words = await played(place, HELLO);
  const ended = await place.run([...words, 'hi'], {
    through: ['sh', '-c', 'cat log.fifo > log & "$@" --log-file log.fifo; code=$?; wait; exit $code', 'sh'],
  });
  expect(ended.code).toBe(0);
  expect(await readFile(join(place.work, 'log'), 'utf8')).toContain('ended: normal');
});

test.concurrent('-o on a FIFO that nobody reads ends in words; on one that is read it works', async ({
  place,
}) => {
  execFileSync('mkfifo', [join(place.work, 'out.fifo')]);
  const words = await played(place, HELLO);
  const unread = await place.run([...words, '-o', 'out.fifo', 'hi']);
  expect(unread.code).toBe(2);
  expect(unread.stderr).toContain('out.fifo is a pipe that nobody reads');
  const read = await place.run([...words, 'hi'], {
    through: ['sh', '-c', 'cat out.fifo > out & "$@" -o out.fifo; code=$?; wait; exit $code', 'sh'],
  });
  expect(read.code).toBe(0);
  expect(await readFile(join(place.work, 'out'), 'utf8')).toBe(`${read.stdout.trimEnd()}\n`);
});
