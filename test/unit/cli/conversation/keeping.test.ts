import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LOCAL_CONTEXT } from '../../../../src/protocol/context.ts';
import { lastRequest } from '../../../../src/testing/contract/support.ts';
import { converse } from './stage.ts';

test('what was said is searched, starred, forked, exported and deleted, and a command is run, as typed', async () => {
  const { world, io, say, exit, drive } = await converse({
    arm: 'local',
    turns: [{ text: 'A walrus.' }, { text: 'I see it.' }],
  });
  const settled = () => drive.runtime.open(LOCAL_CONTEXT, {});
  say('hello there');
  await expect.poll(() => io.out()).toBe('A walrus.\n');
  await expect.poll(async () => (await settled()).session.title).toBe('A title');
  say('/search walrus');
  await io.shows('answer: A walrus.');
  say('/search');
  await io.shows('/search takes words');
  say('/star');
  await io.shows('it has a star now');
  say('/fork');
  await io.shows('A title (fork): up to turn 1');
  await io.shows('both sessions work in the same folder');
  say('/fork 9');
  await io.shows('no message and no turn 9');
  const file = join(world.folder, 'out.json');
  say(`/export ${file}`);
  await io.shows(`written: ${file}`);
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ session: { title: 'A title' } });
  say('!echo mine; exit 4');
  await io.shows('mine\n');
  await io.shows('(exit code 4)');
  say('and that?');
  await expect.poll(() => io.out()).toBe('A walrus.\nI see it.\n');
  expect(lastRequest(world).at(-2)?.text).toMatch(/^I ran this command myself: echo mine; exit 4\nmine\n/);
  say('/cost');
  await io.shows('turn 2  #');
  say('/delete');
  await io.shows('Type: /delete yes');
  say('/delete yes');
  await io.shows('deleted ');
  expect(await exit).toBe(0);
  const { sessions } = await world.backend.listSessions(LOCAL_CONTEXT, {});
  expect(sessions.map(({ title }) => title)).toEqual(['A title (fork)']);
});
