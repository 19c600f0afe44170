import { existsSync, writeFileSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LOCAL_CONTEXT } from '../../../../src/protocol/context.ts';
import { calls, lastRequest } from '../../../../src/testing/contract/support.ts';
import { NEAR_ARMS } from '../../../../src/testing/contract/arms.ts';
import { converse, type StageOptions } from './stage.ts';

const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
/** Works until the test makes the file `go`. */
const WAITING = calls('shell', { cmd: 'while [ ! -e go ]; do sleep 0.05; done; echo went' });
const AUTONOMOUS: Pick<StageOptions, 'toolsets' | 'request'> = {
  toolsets: ['shell'],
  request: { safety: 'autonomous' },
};

describe.each(NEAR_ARMS)('a conversation (%s)', (arm) => {
  test('is welcomed, answered in markdown on stdout, titled and left', async () => {
    const { world, io, say, exit, drive } = await converse({
      arm,
      welcome: 'Hi **you**',
      turns: [{ text: '# Hello\n\n- one\n- `two`' }],
    });
    await io.shows('Hi you\n');
    expect(io.err()).toContain('root with openai/gpt-4o');
    say('hello');
    await io.shows('> hello\n');
    say('/cost');
    await io.shows('100 tokens in, 20 tokens out');
    const title = async () => (await drive.runtime.open(LOCAL_CONTEXT, {})).session.title;
    await expect.poll(title).toBe('A title');
    say('/exit');
    expect(await exit).toBe(0);
    expect(io.out()).toBe('Hello\n\n• one\n• two\n');
    expect(world.model.journal).toHaveLength(2);
  });

  test('asks, and does what is answered: yes, no with a reason, always here', async () => {
    const touch = (name: string) => calls('shell', { cmd: `touch ${name}` });
    const { world, io, say, exit, configFile } = await converse({
      arm,
      toolsets: ['shell'],
      turns: [touch('one'), touch('two'), touch('three'), { text: 'Done.' }],
    });
    say('go');
    await io.shows('touch one');
    await io.shows('[y]es');
    say('what?');
    await io.shows('answer with one of the letters');
    say('y');
    await io.shows('touch two');
    expect(existsSync(join(world.folder, 'one'))).toBe(true);
    say('n not now');
    await io.shows('touch three');
    expect(JSON.stringify(lastRequest(world))).toContain('not now');
    await io.shows('always allow shell:cmd=touch *');
    say('a');
    await io.shows('from now on in');
    await expect.poll(() => io.out()).toBe('Done.\n');
    say('/exit');
    await exit;
    expect([existsSync(join(world.folder, 'two')), existsSync(join(world.folder, 'three'))]).toEqual([
      false,
      true,
    ]);
    expect(await readFile(configFile, 'utf8')).toContain('shell:cmd=touch *');
  });

  test('what is typed comes back after a question', async () => {
    const { io, say } = await converse({
      arm,
      toolsets: ['shell'],
      turns: [calls('shell', { cmd: 'touch x' }), { text: 'ok' }, { text: 'again' }],
    });
    say('go');
    io.type('half a ');
    await io.shows('[y]es');
    say('y');
    await expect.poll(() => io.out()).toBe('ok\n');
    say('thought');
    await io.shows('> half a thought\n');
  });

  test('a line typed while it works is told to the model', async () => {
    const { world, io, say, exit } = await converse({ arm, ...AUTONOMOUS, turns: [WAITING, { text: 'ok' }] });
    say('go');
    await io.shows('● shell');
    say('and hurry');
    await io.shows('queued: the model is told');
    say('/new');
    await io.shows('/new has to wait until the run is over');
    writeFileSync(join(world.folder, 'go'), '');
    await io.shows('the model has been told: and hurry');
    await expect.poll(() => io.out()).toBe('ok\n');
    const told = world.model.journal[1]?.body['messages'] as { role: string; content: string }[];
    expect(told.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'tool', 'user']);
    expect(told.at(-1)?.content).toBe('and hurry');
    expect(io.err()).toMatch(/✓ shell while .* \(.*\) #1 · went/);
    say('/show 1');
    await io.shows('went\n');
    say('/exit');
    expect(await exit).toBe(0);
  });

  test('Ctrl-C interrupts, says what was cut and gives back what was not told', async () => {
    const { io, say, exit } = await converse({ arm, ...AUTONOMOUS, turns: [WAITING, { text: 'never' }] });
    say('go');
    await io.shows('● shell');
    say('too late');
    await io.shows('queued');
    io.type(CTRL_C);
    await io.shows('interrupted: shell was cut');
    await io.shows('not told to the model any more: too late');
    io.type(CTRL_C);
    await io.shows('Ctrl-C again');
    io.type(CTRL_C);
    expect(await exit).toBe(0);
  });

  test('leaving while it works interrupts it, and is 130', async () => {
    const { io, say, exit, drive } = await converse({ arm, turns: [{ hang_after: 'before' }] });
    say('go');
    await io.shows('waits for openai/gpt-4o');
    io.type(CTRL_D);
    expect(await exit).toBe(130);
    expect(io.err()).toContain('interrupted: the model call was cut');
    expect(drive.fold.outcome.ends.map(({ reason }) => reason)).toEqual(['canceled']);
  });

  test('/new begins another session in a folder, by the same team', async () => {
    const { world, io, say, exit, drive } = await converse({
      arm,
      turns: [{ text: 'one' }, { text: 'two' }],
    });
    const first = drive.runtime.session_id;
    await mkdir(join(world.folder, 'sub'));
    say('a');
    await expect.poll(() => io.out()).toBe('one\n');
    say('/new sub');
    await io.shows(`the session before stays: yonder run --session ${first}`);
    say('b');
    await expect.poll(() => io.out()).toBe('one\ntwo\n');
    say('/exit');
    expect(await exit).toBe(0);
    const { session } = await drive.runtime.open(LOCAL_CONTEXT, {});
    expect(session.session_id).not.toBe(first);
    expect(session).toMatchObject({ working_dir: join(world.folder, 'sub'), first_message: 'b' });
    expect(lastRequest(world).filter(({ role }) => role === 'user')).toHaveLength(1);
  });

  test('settings are shown and changed', async () => {
    const { io, say, drive } = await converse({ arm, toolsets: ['think'], turns: [] });
    const settled = () => drive.runtime.open(LOCAL_CONTEXT, {});
    say('/tools');
    await io.shows('think ');
    say('/agent');
    await io.shows('root (works now): Does what it is told');
    say('/agent nobody');
    await io.shows('the team has no agent nobody; it has root');
    say('/model openai/gpt-4o-mini');
    await io.shows('model from the next turn on: openai/gpt-4o-mini');
    await expect.poll(async () => (await settled()).agent.model).toBe('openai/gpt-4o-mini');
    say('/safety strict');
    await expect.poll(async () => (await settled()).safety).toBe('strict');
    say('/safety loose');
    await io.shows('there is no mode loose');
    say('/permissions deny shell:cmd=rm *');
    await io.shows('for this session: deny shell:cmd=rm *');
    say('/permissions');
    await io.shows('session: deny shell:cmd=rm *');
    say('/title My name');
    await expect.poll(async () => (await settled()).session.title).toBe('My name');
    say('/sessions');
    await io.shows('My name');
    say('/modle');
    await io.shows('there is no /modle; did you mean /model?');
    say('/show 7');
    await io.shows('there is no call 7');
    say('/help');
    await io.shows('/compact [INSTRUCTION]');
  });

  test('/compact shows its run and puts a summary in place', async () => {
    const { io, say, world } = await converse({
      arm,
      turns: [{ text: 'one' }, { text: 'SUMMARY of it' }, { text: 'two' }],
    });
    say('a');
    await expect.poll(() => io.out()).toBe('one\n');
    say('/compact keep names');
    await io.shows('summary completed');
    say('b');
    await expect.poll(() => io.out()).toBe('one\ntwo\n');
    expect(JSON.stringify(world.model.journal.at(-1)?.body)).toContain('SUMMARY of it');
  });

  test('a question whether to go on after many model calls', async () => {
    const think = calls('think', { thought: 'hm' });
    const { io, say } = await converse({
      arm,
      toolsets: ['think'],
      request: { max_iterations: 1 },
      turns: [think, { text: 'on' }],
    });
    say('go');
    await io.shows('model calls so far: 1, the limit. Go on?');
    say('maybe');
    await io.shows('answer with y or n');
    say('y');
    await expect.poll(() => io.out()).toBe('on\n');
  });
});

test('several lines are one message: backslash, Ctrl-J and paste', async () => {
  const { world, io, say } = await converse({ arm: 'local', turns: [{ text: 'ok' }] });
  say('one\\');
  io.type('two\nthree ');
  say('\u001b[200~a\rb\tc\u001b[201~');
  await expect.poll(() => io.out()).toBe('ok\n');
  expect(lastRequest(world).at(-1)?.text).toBe('one\ntwo\nthree a\nb\tc');
});

test('a dumb terminal gets lines and no drawing', async () => {
  const { io, exit } = await converse({ arm: 'local', term: 'dumb', turns: [{ text: '**ok**' }] });
  await io.shows('\n> ');
  io.type('hello\n');
  await expect.poll(() => io.out()).toBe('ok\n');
  io.type('/exit\n');
  expect(await exit).toBe(0);
  expect(`${io.out()}${io.err()}`).not.toContain('\u001b');
});

test('a failed run ends the run and not the conversation', async () => {
  const { io, say, exit } = await converse({
    arm: 'local',
    turns: [{ status: 401, error: { message: 'Incorrect API key provided' } }, { text: 'ok' }],
  });
  say('a');
  await io.shows('Incorrect API key provided');
  say('b');
  await expect.poll(() => io.out()).toBe('ok\n');
  say('/exit');
  expect(await exit).toBe(0);
});

test('messages of the command line are sent first, up to the one that fails', async () => {
  const turns = [{ text: 'one' }, { status: 400, error: { message: 'No.' } }, { text: 'three' }];
  const { io, say, exit } = await converse({ arm: 'local', turns, messages: ['a', 'b', 'c'] });
  await io.shows('> a\n');
  await io.shows('No.');
  say('/exit');
  expect(await exit).toBe(0);
  expect(io.out()).toBe('one\n');
  expect(io.err()).not.toContain('> c');
});
