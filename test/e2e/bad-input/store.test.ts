import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect } from 'vitest';
import { eventsOf, type Finished, NOBODY, played, type Scratch, STACK, test } from '../cli.ts';

const TURNS = [{ text: 'Hello.' }, { text: 'Again.' }];

/** A store with one session in it; the flags that play another. */
async function filled(place: Scratch): Promise<string[]> {
  const words = await played(place, TURNS);
  expect(await place.run([...words, 'hi'])).toMatchObject({ code: 0, stdout: 'Hello.\n' });
  return words;
}

function failed(ended: Finished): string {
  expect(ended).toMatchObject({ code: 4, stdout: '' });
  expect(ended.stderr).toMatch(/^yonder: [^\n]+\n$/);
  expect(ended.stderr).not.toMatch(STACK);
  return ended.stderr;
}

test.concurrent('a store that may only be read: a run is refused, a look works', async ({ place }) => {
  const words = await filled(place);
  place.giveTo(NOBODY);
  await chmod(place.store, 0o444);
  await chmod(dirname(place.store), 0o555);
  expect(failed(await place.run([...words, 'hi'], { uid: NOBODY }))).toMatch(
    /session\.db .*(?:read|written)/,
  );
  const list = await place.run(['sessions', 'list', '--json'], { uid: NOBODY });
  expect(list).toMatchObject({ code: 0, stderr: '' });
  expect(eventsOf(list.stdout)).toHaveLength(1);
  await chmod(dirname(place.store), 0o755);
});

test.concurrent('a store that may not even be read', async ({ place }) => {
  const words = await filled(place);
  place.giveTo(NOBODY);
  await chmod(place.store, 0);
  failed(await place.run([...words, 'hi'], { uid: NOBODY }));
  failed(await place.run(['sessions', 'list'], { uid: NOBODY }));
});

test.concurrent('a full disk in the middle of a run: store_failed, and what was acknowledged is there', async ({
  place,
}) => {
  const call = {
    name: 'shell',
    arguments: { cmd: 'echo once >> effects; head -c 60000 /dev/zero | tr "\\0" x' },
  };
  const words = await played(place, [...Array(40).fill({ tool_calls: [call] }), { text: 'never said' }], {
    toolsets: ['shell'],
  });
  // A limit on the size of files is the disk that is full: SQLite sees a write that fails. In blocks of 1024 bytes.
  const ended = await place.run([...words, '--json', '--yolo', 'hi'], {
    through: ['bash', '-c', 'trap "" XFSZ; ulimit -f 600; exec "$@"', 'bash'],
  });
  expect(ended.code).toBe(4);
  expect(ended.stderr).not.toMatch(STACK);
  expect(ended.stdout + ended.stderr).toMatch(/store_failed|session\.db/);
  const shown = eventsOf(ended.stdout).filter(({ seq }) => seq !== undefined);
  const log = eventsOf((await place.run(['sessions', 'log', '-1', '--json'])).stdout);
  expect(log.slice(1, shown.length + 1)).toEqual(shown);
  const effects = readFileSync(join(place.work, 'effects'), 'utf8').split('\n').length - 1;
  expect(effects).toBeGreaterThan(0);
  expect(log.filter(({ type }) => type === 'tool_call_started')).toHaveLength(effects);
});

test.concurrent('a store that another program holds locked: exit 4 after patience, and nothing is harmed', async ({
  place,
}) => {
  const words = await filled(place);
  const other = new DatabaseSync(place.store);
  other.exec('BEGIN IMMEDIATE');
  try {
    expect(failed(await place.run([...words, 'hi']))).toMatch(/session\.db is locked/);
    // A look needs no lock.
    expect((await place.run(['sessions', 'list'])).code).toBe(0);
  } finally {
    other.exec('ROLLBACK');
    other.close();
  }
  expect(await place.run([...words, 'hi'])).toMatchObject({ code: 0 });
});

test.concurrent('a store from a newer version is left alone', async ({ place }) => {
  const words = await filled(place);
  const other = new DatabaseSync(place.store);
  other.exec('PRAGMA user_version = 4000');
  other.close();
  const before = readFileSync(place.store);
  expect(failed(await place.run([...words, 'hi']))).toMatch(/session\.db .*4000/);
  failed(await place.run(['sessions', 'list']));
  expect(readFileSync(place.store)).toEqual(before);
});

test.concurrent.for([
  { name: 'text', bytes: Buffer.from('this is no database, but a letter to my aunt\n'.repeat(40)) },
  { name: 'a few bytes', bytes: Buffer.from('oops') },
])(
  'a corrupt store ($name) is copied aside with a message and never overwritten',
  async ({ bytes }, { place }) => {
    const words = await played(place, TURNS);
    await mkdir(dirname(place.store), { recursive: true });
    await writeFile(place.store, bytes);
    const message = failed(await place.run([...words, 'hi']));
    const [copy = ''] = (await readdir(dirname(place.store))).filter((name) => name.includes('corrupt'));
    expect(message).toContain(`damaged`);
    expect(message).toContain(copy);
    expect(readFileSync(join(dirname(place.store), copy))).toEqual(bytes);
    expect(readFileSync(place.store)).toEqual(bytes);
    await place.run([...words, 'hi']);
    const copies = (await readdir(dirname(place.store))).filter((name) => name.includes('corrupt'));
    expect(copies).toEqual([copy]);
  },
);

test.concurrent('a store whose pages are torn', async ({ place }) => {
  const words = await filled(place);
  const bytes = readFileSync(place.store);
  bytes.fill(0xaa, 100, 4096);
  await writeFile(place.store, bytes);
  expect(failed(await place.run([...words, 'hi']))).toContain('corrupt-');
  expect(readFileSync(place.store)).toEqual(bytes);
});

test.concurrent('--session-db on a folder', async ({ place }) => {
  const words = await played(place, TURNS);
  expect(failed(await place.run([...words, '-s', '.', 'hi']))).toBe(
    `yonder: the session store ${place.work} is a folder; name a file with --session-db\n`,
  );
});

test.concurrent('a look at a store that is not there makes none', async ({ place }) => {
  expect(await place.run(['sessions', 'list'])).toMatchObject({ code: 0 });
  expect(existsSync(place.store)).toBe(false);
});
