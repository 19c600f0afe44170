import { chmodSync } from 'node:fs';
import { expect, onTestFinished } from 'vitest';
import type { ScriptedTurn } from '../../src/testing/model-server/script.ts';
import { startModelServer } from '../../src/testing/model-server/server.ts';
import { eventsOf, NOBODY, played, scratch, serverTeam, test } from './cli.ts';
import { hasTmux, openTerminal } from './terminal.ts';

const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ', 'base64');
const ENV = { SCRIPTED_KEY: 'key-of-a-test' };
const TITLE: ScriptedTurn = {
  text: 'A title',
  when: ({ body }) => JSON.stringify(body).includes('Give this conversation a title'),
};
const shell = (cmd: string): ScriptedTurn => ({ tool_calls: [{ name: 'shell', arguments: { cmd } }] });
const form = (properties: object): ScriptedTurn => ({
  tool_calls: [
    {
      name: 'user_prompt',
      arguments: { message: 'How old?', schema: { type: 'object', properties, required: ['age'] } },
    },
  ],
});

test('files that are named or pasted in a conversation go along, and what cannot go is said', async ({
  skip,
}) => {
  skip(!hasTmux, 'there is no tmux here, and so no terminal');
  const place = await scratch();
  const server = await startModelServer([
    TITLE,
    { text: 'Read.' },
    { text: 'Seen.' },
    form({ age: { type: 'integer' }, colour: { type: 'string', enum: ['red', 'blue'], default: 'blue' } }),
    { text: 'Thanks.' },
  ]);
  onTestFinished(() => server.close());
  await place.write('team.yaml', serverTeam(server.url, { toolsets: ['user_prompt'] }));
  await place.write('my note.md', 'the note says 42');
  const picture = await place.write('my shot.png', PNG);
  await place.write('paper.pdf', '%PDF-1.7');
  const terminal = openTerminal(place, ['team.yaml'], ENV);
  await terminal.shows('Ctrl-D leaves');
  terminal.say('read @"my note.md" and @nothing');
  await terminal.shows('attached: my note.md (text/plain, 1 KiB)');
  await terminal.shows('Read.');
  terminal.say(picture.replace(' ', '\\ '));
  await terminal.shows('attached: my shot.png (image/png, 1 KiB)');
  await terminal.shows('Seen.');
  terminal.say('and @paper.pdf');
  await terminal.shows('the file paper.pdf (application/pdf) is not supported by mine/scripted');
  terminal.say('ask me');
  await terminal.shows('age (whole number)');
  terminal.say('old');
  await terminal.shows('age: it takes a whole number');
  terminal.say('36');
  await terminal.shows('colour [blue]?');
  terminal.say('');
  await terminal.shows('Thanks.');
  const bodies = server.journal.map(({ body }) => JSON.stringify(body));
  expect(bodies.at(-1)).toContain('the note says 42');
  expect(bodies.at(-1)).toContain(`data:image/png;base64,${PNG.toString('base64')}`);
  expect(bodies.at(-1)).toContain(String.raw`{\"age\":36,\"colour\":\"blue\"}`);
});

test('from a second terminal: an approval and the limit of calls are answered, and the first is told', async ({
  skip,
}) => {
  skip(!hasTmux, 'there is no tmux here, and so no terminal');
  const place = await scratch();
  const server = await startModelServer([TITLE, shell('touch a'), { text: 'All done.' }]);
  onTestFinished(() => server.close());
  await place.write('team.yaml', serverTeam(server.url, { toolsets: ['shell'] }));
  const first = openTerminal(
    place,
    ['team.yaml', '--session', 'two-ends', '--max-iterations', '1', 'go'],
    ENV,
  );
  await first.shows('[n]o with a reason');
  const second = openTerminal(place, ['run', '--session', 'two-ends'], ENV);
  await second.shows('a run of this session goes on in process');
  await second.shows('[n]o with a reason');
  second.say('y');
  await first.shows(/answered elsewhere, by \w+: approve\n/);
  await second.shows('model calls so far: 1, the limit. Go on?');
  second.say('y');
  await first.shows(/answered elsewhere, by \w+: continue\n/);
  await first.shows('All done.');
  await second.shows('All done.');
});

test.concurrent('a form that finds nobody is 3, and one that cannot be shown is for the model to mend', async ({
  place,
}) => {
  const ageless = form({ age: { type: 'array' } });
  const turns = [form({ age: { type: 'integer' } }), { text: 'Then not.' }];
  const refused = await place.run([...(await played(place, turns, { toolsets: ['user_prompt'] })), 'ask']);
  expect(refused).toMatchObject({ code: 3, stdout: 'Then not.\n' });
  expect(refused.stderr).toContain('refused: Refused: this needs an answer of a person');
  const words = await played(place, [ageless, { text: 'Sorry.' }], { toolsets: ['user_prompt'] });
  const mended = await place.run([...words, 'ask']);
  expect(mended).toMatchObject({ code: 0, stdout: 'Sorry.\n' });
  expect(mended.stderr).toContain('Nobody was asked: the form cannot be shown: the field age');
});

test.concurrent('a file that may not be read, or has no name, is 2; one that the model does not take is 5; no session is left', async ({
  place,
}) => {
  const words = await played(place, [{ text: 'x' }]);
  const locked = await place.write('locked.txt', 'x');
  await place.write('all.zip', new Uint8Array([0x50, 0x4b, 3, 4, 0, 0, 0xff]));
  place.giveTo(NOBODY);
  chmodSync(locked, 0o000);
  const run = async (...more: string[]): Promise<[number | null, string]> => {
    const { code, stderr } = await place.run([...words, ...more], { uid: NOBODY });
    return [code, stderr];
  };
  expect(await run('--attach', 'locked.txt', 'x')).toEqual([
    2,
    'yonder: --attach locked.txt: it cannot be read (EACCES)\n',
  ]);
  expect(await run('read @locked.txt')).toEqual([2, 'yonder: @locked.txt: it cannot be read (EACCES)\n']);
  expect(await run('--attach', 'all.zip', 'x')).toEqual([
    5,
    expect.stringMatching(
      /^yonder: the file all\.zip \(application\/zip\) is not supported by openai\/gpt-4o,/,
    ),
  ]);
  const [code, said] = await place
    .run([...words, 'x', '--attach'], {
      through: ['bash', '-c', 'exec "$@" <(echo hi)', 'bash'],
      uid: NOBODY,
    })
    .then((done): [number | null, string] => [done.code, done.stderr]);
  expect([code, said]).toEqual([
    2,
    expect.stringMatching(/^yonder: --attach \/dev\/fd\/\d+ is a pipe and no file; attach a regular file\n$/),
  ]);
  const listed = await place.run(['sessions', 'list', '--json'], { uid: NOBODY });
  expect(eventsOf(listed.stdout)).toEqual([]);
});
