import { expect, test } from 'vitest';
import { wordsOf } from '../../../../src/cli/run/team-command.ts';
import { skillText } from '../../../../src/testing/contract/skills-of.ts';
import { teamOf } from '../../../../src/testing/contract/support.ts';
import type { World } from '../../../../src/testing/contract/world.ts';
import { converse } from './stage.ts';

const commands = {
  look: 'Look at ${args[0]}, then ${args[1]}.',
  xamine: 'Examine ${args[0]}, then ${args[1]}.',
  help: 'never',
};
/** What the person said in the last request. */
function told(world: World): unknown {
  const isTitle = (body: object): boolean => JSON.stringify(body).includes('Give this conversation a title');
  const last = world.model.journal.findLast(({ body }) => !isTitle(body));
  const messages = last?.body['messages'] as { content: unknown }[] | undefined;
  return messages?.at(-1)?.content;
}

test("the team's commands are typed, listed, completed, and give way to those that are built in", async () => {
  const { world, io, say } = await converse({
    arm: 'handler',
    commands,
    turns: [{ text: 'first' }, { text: 'second' }],
    messages: ['/look here there'],
  });
  await expect.poll(() => io.out(), { timeout: 20_000 }).toBe('first\n');
  expect(told(world)).toBe('Look at here, then there.');
  io.type('/xa\t');
  await io.shows('/xamine ');
  say('"a b" c');
  await expect.poll(() => io.out(), { timeout: 20_000 }).toBe('first\nsecond\n');
  expect(told(world)).toBe('Examine a b, then c.');
  say('/help');
  await io.shows('(of the team)');
  expect(io.err()).toContain('Look at ${args[0]}, then ${args[1]}. (of the team)');
  say('/look');
  await io.shows('error: this command takes 1 argument or more, and got 0');
  say('/nothing');
  await io.shows('there is no /nothing');
});

test('skills are typed as commands are, completed and listed; a command of the team takes the name', async () => {
  const team = teamOf([], { agent: ['skills: [./skills]', 'commands: {look: Look around.}'] });
  const files = {
    'team.yaml': team,
    'skills/changelog/SKILL.md': skillText('changelog', 'Write one line.'),
    'skills/look/SKILL.md': skillText('look', 'Never.'),
    'skills/own/SKILL.md': skillText('own', 'Never.', ['user-invocable: false']),
    'skills/broken/SKILL.md': 'Broken.',
  };
  const { world, io, say } = await converse({
    arm: 'handler',
    turns: [{ text: 'first' }, { text: 'second' }],
    request: { source: { kind: 'inline', entry: 'team.yaml', files } },
  });
  io.type('/chan\t');
  await io.shows('/changelog ');
  say('what "it does');
  await expect.poll(() => io.out(), { timeout: 20_000 }).toBe('first\n');
  expect(told(world)).toBe('Skill changelog:\n\nWrite one line.\n\nwhat "it does');
  expect(io.err()).toContain('by the skill changelog');
  expect(io.err()).not.toContain('Write one line.');
  say('/look');
  await expect.poll(() => io.out(), { timeout: 20_000 }).toBe('first\nsecond\n');
  expect(told(world)).toBe('Look around.');
  say('/skills');
  await io.shows('/changelog How to changelog skills/changelog/SKILL.md (of the team)');
  await io.shows('/own How to own skills/own/SKILL.md (of the team) (for the model alone)');
  await io.shows('skills/broken/SKILL.md (of the team) is left out: it has no front matter');
  say('/help');
  await io.shows('How to changelog (a skill)');
  say('/own');
  await io.shows('there is no /own');
});

test.each([
  ['', []],
  ['a  b', ['a', 'b']],
  [`"a b" 'c "d"' e\\ f`, ['a b', 'c "d"', 'e f']],
  [`""  x`, ['', 'x']],
  ['a"b c"d', ['ab cd']],
  [`'a\\b'`, ['a\\b']],
])('%j is split as a shell does', (text, words) => {
  expect(wordsOf(text)).toEqual(words);
});

test('a quote that does not end is said', () => {
  expect(() => wordsOf(`it's`)).toThrow("the quote ' is not closed; write \\' for the sign itself");
});
