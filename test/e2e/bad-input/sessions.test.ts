import { readdirSync, writeFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect } from 'vitest';
import { scriptCassette } from '../../../src/testing/model-server/script-cassette.ts';
import { startModelServer } from '../../../src/testing/model-server/server.ts';
import { eventsOf, type Finished, NOBODY, played, type Scratch, serverTeam, STACK, test } from '../cli.ts';

const TURNS = [{ text: 'One.' }, { text: 'Two.' }, { text: 'Three.' }, { text: 'Four.' }];
const FAKE = ['--fake', 'cassette.yaml'];

async function ids(place: Scratch): Promise<string[]> {
  const { stdout } = await place.run(['sessions', 'list', '--json']);
  return eventsOf(stdout).map((session) => String(session['session_id']));
}

test.concurrent('a session that is unknown: exit 2, from every command', async ({ place }) => {
  const commands = [
    ['run', '--session', 'nosuch', 'hi'],
    ['sessions', 'show', 'nosuch'],
    ['sessions', 'log', 'nosuch'],
    ['sessions', 'delete', 'nosuch'],
    ['run', '--session', '-1', 'hi'],
    ['run', '--continue', 'hi'],
  ];
  for (const words of commands) {
    const ended = await place.run(words);
    expect(ended, words.join(' ')).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toMatch(/^yonder: [^\n]+\n$/);
  }
});

test.concurrent('a prefix that several sessions share: exit 2, naming them', async ({ place }) => {
  const words = await played(place, TURNS);
  await place.run([...words, 'hi']);
  const store = new DatabaseSync(place.store);
  for (const twin of ['zzzz00000000aaaa', 'zzzz00000000bbbb']) {
    store.exec(`INSERT INTO sessions(session_id, principal, title, agent_name, working_dir, team_digest, created_at, updated_at,
        starred, input_tokens, output_tokens, cost, settings)
      SELECT '${twin}', principal, title, agent_name, working_dir, team_digest, created_at, updated_at,
        starred, input_tokens, output_tokens, cost, settings FROM sessions LIMIT 1`);
  }
  store.close();
  for (const command of [
    ['run', '--session', 'zzzz', ...FAKE, 'hi'],
    ['sessions', 'show', 'zzzz'],
    ['sessions', 'delete', 'zzzz'],
  ]) {
    const ended = await place.run(command);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toMatch(/zzzz00000000aaaa.*zzzz00000000bbbb|zzzz00000000bbbb.*zzzz00000000aaaa/);
  }
  expect(await ids(place)).toHaveLength(3);
});

test.concurrent('-N and a prefix name one; nothing to end and no message is exit 2', async ({ place }) => {
  const words = await played(place, TURNS);
  await place.run([...words, 'hi']);
  const [id = ''] = await ids(place);
  for (const name of [id, id.slice(0, 10), '-1']) {
    const ended = await place.run(['run', '--session', name]);
    expect(ended, name).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toMatch(new RegExp(`session ${id} has nothing to end`));
  }
  expect((await place.run(['run', '--session', '-2'])).code).toBe(2);
});

test.concurrent('a resume with a message: stdin is not read, and one line says with what it goes on', async ({
  place,
}) => {
  const words = await played(place, TURNS);
  await place.run([...words, 'hi']);
  const [id = ''] = await ids(place);
  const going = place.start(['run', '--session', id, '--exec', ...FAKE, 'more'], { stdin: null });
  const ended = await going.finished;
  expect(ended.code).toBe(0);
  expect(ended.stderr.split('\n')[0]).toBe(
    `session ${id}: agent root, model openai/gpt-4o, in ${place.work}, safety balanced`,
  );
  const json = await place.run(['run', '--session', id, '--json', ...FAKE, 'more']);
  expect(eventsOf(json.stdout)[0]?.type).not.toBe('run_recovered');
});

test.concurrent("--continue is the newest of this folder, not another's", async ({ place }) => {
  const words = await played(place, TURNS);
  await mkdir(join(place.work, 'other'));
  await place.run([...words, 'here']);
  const [here = ''] = await ids(place);
  await place.run([...words, '--working-dir', 'other', 'there']);
  const ended = await place.run(['run', '--continue', '--exec', ...FAKE, 'more']);
  expect(ended.code).toBe(0);
  expect(ended.stderr).toContain(`session ${here}: `);
});

test.concurrent('two processes on one session: one follows, one is busy, and the log is one', async ({
  place,
}) => {
  const server = await startModelServer([{ text: 'Begun, and then it hangs.', hang_after: 3 }]);
  try {
    await place.write('team.yaml', serverTeam(server.url));
    const env = { SCRIPTED_KEY: 'key-of-a-test' };
    const owner = place.start(['run', 'team.yaml', '--json', 'hi'], { env });
    await owner.shows('"agent_choice"');
    const run_id = String(/"run_id":"(\w+)"/.exec(owner.stdout)?.[1]);
    const [id = ''] = await ids(place);
    const busy = await place.run(['run', '--session', id, '--exec', 'me too'], { env });
    expect(busy).toMatchObject({ code: 1, stdout: '' });
    expect(busy.stderr).toMatch(new RegExp(`^yonder: [^\n]*${run_id}[^\n]*\n$`, 'm'));
    expect(busy.stderr).toContain(String(owner.child.pid));
    expect(busy.stderr).not.toMatch(STACK);

    const follower = place.start(['run', '--session', id, '--exec'], { env });
    await follower.shows(`run ${run_id} goes on in process ${owner.child.pid}`);
    const leaver = place.start(['run', '--session', id, '--exec'], { env });
    await leaver.shows('goes on in process');
    leaver.signal('SIGINT');
    expect(await leaver.finished).toMatchObject({ code: 0 });
    owner.signal('SIGINT');
    const [owned, followed] = await Promise.all([owner.finished, follower.finished]);
    expect([owned.code, followed.code]).toEqual([130, 130]);
    expect(server.journal).toHaveLength(1);
    const log = eventsOf((await place.run(['sessions', 'log', id, '--json'])).stdout);
    expect(log.filter(({ type }) => type === 'user_message')).toHaveLength(1);
    expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => index + 1));
  } finally {
    await server.close();
  }
});

test.concurrent('a killed run: interrupted, and `run --session` without a message ends what was cut', async ({
  place,
}) => {
  const server = await startModelServer([{ text: 'Begun', hang_after: 3 }, { text: 'Whole now.' }]);
  try {
    await place.write('team.yaml', serverTeam(server.url));
    const env = { SCRIPTED_KEY: 'key-of-a-test' };
    const owner = place.start(['run', 'team.yaml', '--json', 'hi'], { env });
    await owner.shows('"agent_choice"');
    owner.signal('SIGKILL');
    await owner.finished;
    const listed = eventsOf((await place.run(['sessions', 'list', '--json'])).stdout);
    expect(listed).toMatchObject([{ state: 'interrupted' }]);
    const id = String(listed[0]?.['session_id']);
    expect((await place.run(['sessions', 'list'])).stdout).toContain(`yonder run --session ${id}`);
    const ended = await place.run(['run', '--session', id, '--json'], { env, stdin: null });
    expect(ended.code).toBe(0);
    const events = eventsOf(ended.stdout);
    expect(events[0]?.type).toBe('run_recovered');
    expect(events.at(-1)).toMatchObject({ type: 'stream_stopped', reason: 'normal' });
    expect(JSON.stringify(events)).toContain('Whole now.');
  } finally {
    await server.close();
  }
});

test.concurrent("a dead owner of one session is in nobody's way, whatever is left of it", async ({
  place,
}) => {
  const words = await played(place, TURNS);
  expect((await place.run([...words, 'hi'])).code).toBe(0);
  const [whole = ''] = await ids(place);
  const server = await startModelServer([{ text: 'Begun', hang_after: 3 }]);
  try {
    await place.write('served.yaml', serverTeam(server.url));
    const owner = place.start(['run', 'served.yaml', '--json', 'hi'], {
      env: { SCRIPTED_KEY: 'a-key-of-a-test' },
    });
    await owner.shows('"agent_choice"');
    owner.signal('SIGKILL');
    await owner.finished;
  } finally {
    await server.close();
  }
  const cut = (await ids(place)).find((id) => id !== whole) ?? '';
  const looksFine = async (): Promise<void> => {
    const listed = eventsOf((await place.run(['sessions', 'list', '--json'])).stdout);
    expect(Object.fromEntries(listed.map((row) => [row['session_id'], row['state']]))).toEqual({
      [whole]: 'idle',
      [cut]: 'interrupted',
    });
    expect(await place.run(['sessions', 'show', cut])).toMatchObject({ code: 0, stderr: '' });
  };
  const database = new DatabaseSync(place.store);
  const owners = (): number =>
    Number(
      database.prepare('SELECT count(*) AS count FROM leases WHERE host_id IS NOT NULL').get()?.['count'],
    );
  try {
    expect(owners()).toBe(1);
    await looksFine();
    // What is left of its lock is no lock, or was cleared away by a Host that came after it.
    const lock = join(`${place.store}.hosts`, readdirSync(`${place.store}.hosts`)[0] ?? '');
    writeFileSync(lock, 'torn '.repeat(200));
    await looksFine();
    await rm(`${place.store}.hosts`, { recursive: true });
    await looksFine();
    // A process that has nothing to do with it has its number now.
    database
      .prepare('UPDATE leases SET pid = ?, host_id = ? WHERE host_id IS NOT NULL')
      .run(process.pid, 'host_?');
    await looksFine();
    expect(owners()).toBe(1);
  } finally {
    database.close();
  }
  expect(await place.run(['run', '--session', whole, '--exec', 'more'])).toMatchObject({ code: 0 });
  expect((await place.run([...words, 'hi'])).code).toBe(0);
  expect((await place.run(['sessions', 'delete', cut])).code).toBe(0);
  expect(await ids(place)).toHaveLength(2);
});

test.concurrent("the lock of another user's Host stops neither a look nor a run", async ({ place }) => {
  const words = await played(place, TURNS);
  expect((await place.run([...words, 'hi'])).code).toBe(0);
  place.giveTo(NOBODY);
  // As one leaves it who was killed under sudo.
  writeFileSync(join(`${place.store}.hosts`, 'host_other.lock'), '', { mode: 0o600 });
  const database = new DatabaseSync(place.store);
  database.exec(
    "UPDATE leases SET host_id = 'host_other', pid = 1, acquired_at = '2026-01-01T00:00:00.000Z'",
  );
  database.close();
  const list = await place.run(['sessions', 'list', '--json'], { uid: NOBODY });
  expect(list).toMatchObject({ code: 0, stderr: '' });
  expect(eventsOf(list.stdout)).toHaveLength(1);
  expect(await place.run([...words, 'hi'], { uid: NOBODY })).toMatchObject({ code: 0 });
  expect((await place.run(['doctor'], { uid: NOBODY })).stdout).not.toMatch(/^failed/m);
});

test.concurrent('several messages stop at the first run that does not end normal', async ({ place }) => {
  await played(place, []);
  await place.write(
    'cassette.yaml',
    scriptCassette(
      [{ text: 'One.' }, { status: 400, error: { message: 'no', code: 'bad' } }, { text: 'Three.' }],
      { api: 'openai_chatcompletions', model: 'gpt-4o' },
    ),
  );
  const ended = await place.run(['run', 'team.yaml', '--json', ...FAKE, 'first', 'second', 'third']);
  expect(ended.code).toBe(1);
  const stops = eventsOf(ended.stdout).filter(({ type }) => type === 'stream_stopped');
  expect(stops.map(({ reason }) => reason)).toEqual(['normal', 'error']);
  expect(ended.stdout).not.toContain('third');
});

test.concurrent('stdin: alone, by -, beside a message, and empty', async ({ place }) => {
  const words = await played(place, TURNS);
  const said = async (extra: string[], stdin: string): Promise<string[]> => {
    const ended = await place.run([...words, '--json', ...extra], { stdin });
    expect(ended.code).toBe(0);
    return eventsOf(ended.stdout).flatMap((event) =>
      event.type === 'user_message' ? [String(event['message'])] : [],
    );
  };
  expect(await said([], 'from stdin\n')).toEqual(['from stdin']);
  expect(await said(['-'], 'from stdin')).toEqual(['from stdin']);
  expect(await said(['a word'], 'not read')).toEqual(['a word']);
  expect(await said(['a word', '-'], 'and stdin')).toEqual(['a word', 'and stdin']);
  for (const extra of [[], ['-']]) {
    const empty = await place.run([...words, ...extra], { stdin: '' });
    expect(empty).toMatchObject({ code: 2, stdout: '' });
    expect(empty.stderr).toContain('there is no message');
  }
});

test.concurrent('stdin that is no text, a folder, or closed: exit 2, and no session is left', async ({
  place,
}) => {
  const words = await played(place, TURNS);
  const from = (redirection: string, extra: string[] = []): Promise<Finished> =>
    place.run([...words, ...extra], { through: ['sh', '-c', `exec "$@" ${redirection}`, 'sh'] });
  await place.write('latin1', Buffer.from('Gr\u00fc\u00dfe', 'latin1'));
  for (const extra of [[], ['-']]) {
    const latin = await from('< latin1', extra);
    expect(latin).toMatchObject({ code: 2, stdout: '' });
    expect(latin.stderr).toMatch(/^yonder: stdin is not UTF-8 text.*e\.g\. iconv -f LATIN1 -t UTF-8/);
    const folder = await from('< .', extra);
    expect(folder).toMatchObject({ code: 2, stdout: '' });
    expect(folder.stderr).toMatch(/^yonder: stdin is a folder/);
  }
  const closed = await from('<&-');
  expect(closed).toMatchObject({ code: 2, stdout: '' });
  expect(closed.stderr).not.toMatch(STACK);
  expect((await place.run(['sessions', 'list', '--json'])).stdout).toBe('');
  await place.write('marked', '\ufeffGr\u00fc\u00dfe\n');
  const marked = await from('< marked', ['--json']);
  expect(marked.code).toBe(0);
  expect(eventsOf(marked.stdout).find(({ type }) => type === 'user_message')).toMatchObject({
    message: 'Gr\u00fc\u00dfe',
  });
});
