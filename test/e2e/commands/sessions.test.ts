import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { startModelServer } from '../../../src/testing/model-server/server.ts';
import { eventsOf, type Running, type Scratch, serverTeam, test } from '../cli.ts';

const ENV = { env: { SCRIPTED_KEY: 'key-of-a-test' } };
const STATES = ['idle', 'running', 'waiting', 'interrupted'];

/** Starts a run that is about `message`, in a folder of that name unless it is the working folder's. */
async function begin(place: Scratch, message: string, at: 'here' | 'there', shows: string): Promise<Running> {
  const folder = join(place.work, message);
  if (at === 'there') await mkdir(folder);
  const words = ['run', 'team.yaml', '--json', '--ask', 'wait'];
  const running = place.start([...words, ...(at === 'here' ? [] : ['--working-dir', folder]), message], ENV);
  await running.shows(shows);
  return running;
}

test.concurrent('the four states, each a word that stands nowhere else, this folder first; their log; a running one can be deleted', async ({
  place,
}) => {
  const server = await startModelServer([
    { text: 'Done.' },
    { text: 'Cut', hang_after: 3 },
    { tool_calls: [{ name: 'shell', arguments: { cmd: 'touch it' } }] },
    { text: 'Long', hang_after: 3 },
  ]);
  try {
    await place.write('team.yaml', serverTeam(server.url, { toolsets: ['shell'] }));
    const done = await begin(place, 'first', 'here', '"stream_stopped"');
    await done.finished;
    const cut = await begin(place, 'second', 'there', '"agent_choice"');
    cut.signal('SIGKILL');
    await cut.finished;
    await begin(place, 'third', 'here', '"tool_call_confirmation"');
    const live = await begin(place, 'fourth', 'there', '"agent_choice"');

    const listed = await place.run(['sessions', 'list', '--json']);
    expect(listed).toMatchObject({ code: 0, stderr: '' });
    const rows = eventsOf(listed.stdout);
    expect(rows.map((row) => [row['state'], row['first_message'], row['working_dir']])).toEqual([
      ['waiting', 'third', place.work],
      ['idle', 'first', place.work],
      ['running', 'fourth', join(place.work, 'fourth')],
      ['interrupted', 'second', join(place.work, 'second')],
    ]);
    for (const state of STATES) expect(listed.stdout.split(state), state).toHaveLength(2);
    const ids = rows.map((row) => String(row['session_id']));
    expect(rows.map((row) => row['resume'])).toEqual([
      undefined,
      undefined,
      undefined,
      `yonder run --session ${ids[3]}`,
    ]);

    const text = (await place.run(['sessions'])).stdout.trimEnd().split('\n');
    const entry = (index: number, state: string, about: string): RegExp =>
      new RegExp(`^  ${ids[index]}  ${state}  just now  .*  ${about}$`);
    expect(text).toEqual([
      `in ${place.work}`,
      expect.stringMatching(entry(0, 'waiting', 'third')),
      expect.stringMatching(entry(1, 'idle', 'first')),
      'elsewhere',
      expect.stringMatching(entry(2, 'running', 'fourth')),
      `    in ${join(place.work, 'fourth')}`,
      expect.stringMatching(entry(3, 'interrupted', 'second')),
      `    resume: yonder run --session ${ids[3]}`,
      `    in ${join(place.work, 'second')}`,
    ]);
    const here = await place.run(['sessions', 'list', '--here', '--json']);
    expect(eventsOf(here.stdout).map((row) => row['session_id'])).toEqual(ids.slice(0, 2));

    const first = ids[1] ?? '';
    const whole = eventsOf((await place.run(['sessions', 'log', first, '--json'])).stdout);
    expect(whole.map(({ seq }) => seq)).toEqual(whole.map((_, index) => index + 1));
    const lines = (await place.run(['sessions', 'log', first])).stdout.trimEnd().split('\n');
    expect(lines.map((line) => line.split('  ').slice(0, 2))).toEqual(
      whole.map(({ seq, type }) => [String(seq), type]),
    );

    const look = async (id: string) =>
      (await place.run(['run', '--session', id, '--session-read-only'])).stderr;
    expect(await look(ids[3] ?? '')).toBe(`session ${ids[3]}, interrupted, only looked at\n`);
    const follower = place.start(['run', '--session', ids[2] ?? '', '--session-read-only']);
    const follows = `session ${ids[2]}, running, only looked at; a run goes on in process ${live.child.pid}, and this follows it (Ctrl-C leaves it alone)\n`;
    await follower.shows(follows);
    follower.signal('SIGINT');
    expect(await follower.finished).toMatchObject({ code: 0, stderr: follows });
    const shortly = await place.run(['run', '--session', ids[2] ?? '', '--session-read-only', '--json']);
    expect(shortly.stderr).toContain('which --json does not follow: yonder run --session');

    const deleted = await place.run(['sessions', 'delete', ids[2] ?? '', ids[3] ?? '', '--json']);
    expect(deleted.code).toBe(0);
    expect(eventsOf(deleted.stdout)).toEqual([{ deleted: ids[2] }, { deleted: ids[3] }]);
    expect((await live.finished).code).toBe(130);
    const left = eventsOf((await place.run(['sessions', 'list', '--json'])).stdout);
    expect(left.map((row) => row['session_id'])).toEqual(ids.slice(0, 2));
  } finally {
    await server.close();
  }
});
