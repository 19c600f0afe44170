import { describe, expect, test } from 'vitest';
import { isPlainPlace, parseCommand } from '../../../src/team/command-template.ts';
import { errorOf, loadText } from './load-text.ts';

const text = (value: string): unknown => ({ kind: 'text', text: value });

describe('a command is taken apart', () => {
  test('into text, arguments, variables and calls', () => {
    expect(
      parseCommand(
        'Fix ${args[0]} of ${env.REPO}: !shell(cmd="git log ${args[1]}", timeout=5) ${args.join(", ")}',
      ),
    ).toEqual([
      text('Fix '),
      { kind: 'argument', index: 0 },
      text(' of '),
      { kind: 'variable', name: 'REPO' },
      text(': '),
      {
        kind: 'call',
        tool: 'shell',
        args: [
          { name: 'cmd', value: [text('git log '), { kind: 'argument', index: 1 }] },
          { name: 'timeout', value: 5 },
        ],
      },
      text(' '),
      { kind: 'arguments', separator: ', ' },
    ]);
  });

  test.each([
    ['!list_todos()', []],
    ['!list_todos( )', []],
    ["!t(a='b, c)')", [{ name: 'a', value: [text('b, c)')] }]],
    ['!t(a="say \\"x\\" \\\\ \\d")', [{ name: 'a', value: [text('say "x" \\ \\d')] }]],
    [
      '!t(a=true,b=-1.5,c=word)',
      [
        { name: 'a', value: true },
        { name: 'b', value: -1.5 },
        { name: 'c', value: [text('word')] },
      ],
    ],
    [
      '!t(path=docs/${args[0]}.md)',
      [{ name: 'path', value: [text('docs/'), { kind: 'argument', index: 0 }, text('.md')] }],
    ],
    ['!t(a="")', [{ name: 'a', value: [] }]],
  ])('%s', (command, args) => {
    expect(parseCommand(command)).toEqual([{ kind: 'call', tool: expect.any(String), args }]);
  });

  test.each([
    'Stop!(now)',
    'a!b(c=d)',
    '!t(b)',
    '!t(a=',
    '!t(a="x',
    '!t(a=b',
    '${args}',
    '${process.env}',
    '${args[x]}',
    '$ {args[0]}',
  ])('%s is text', (command) => {
    expect(parseCommand(command)).toEqual([text(command)]);
  });
});

test.each([
  ['git log ', true],
  ['git log --since=', true],
  ['git "log" ', true],
  ['git "log ', false],
  ["git 'log ", false],
  ['echo \\" ', true],
  ['echo \\', false],
  ['echo $', false],
  ['echo $(', false],
  ['echo `', false],
  ['cat <<', false],
  ['true # ', false],
  ['${', false],
])('%s: a word of its own may follow: %s', (line, expected) => {
  expect(isPlainPlace(line)).toBe(expected);
});

const team = (commands: string): string => `agents:\n  root:\n    commands:\n${commands}`;

test('commands are a mapping or a list, of texts or of texts with a description', () => {
  const expected = { fix: { instruction: 'Fix it.' }, say: { description: 'Says', instruction: 'Say it.' } };
  const asMap = '      fix: Fix it.\n      say: {description: Says, instruction: Say it.}\n';
  const asList = '      - fix: Fix it.\n      - say: {description: Says, instruction: Say it.}\n';
  for (const form of [asMap, asList]) {
    const { team: loaded, unsupported, warnings } = loadText(team(form));
    expect(loaded.agents[0]?.commands).toEqual(expected);
    expect([unsupported, warnings]).toEqual([[], []]);
  }
});

test.each([
  ['      "a b": x\n', /team\.yaml:4:\d+: "a b" is no name of a command/],
  ['      - fix: x\n      - fix: y\n', /team\.yaml:5:\d+: there are two commands "fix"/],
  ['      fix: {description: x}\n', /a command needs the key "instruction"/],
  [
    `      fix: '!shell(cmd="git log \\"\${args[0]}\\"")'\n`,
    /\$\{args\[0\]\} of !shell stands inside of quotes, a comment or a substitution; write it outside/,
  ],
])('%j is refused', (commands, words) => {
  expect(errorOf(() => loadText(team(commands))).message).toMatch(words);
});

test('what is not understood stays as it is, and is said', () => {
  const said = loadText(team('      fix: "use ${args} and !shell(cmd="\n')).warnings.map(
    ({ message }) => message,
  );
  expect(said).toEqual(['${args} is not understood and stays as it is']);
});

test('a variable in a command needs trust', () => {
  const { needsTrust } = loadText(team('      fix: "in ${env.REPO}"\n'));
  expect(needsTrust.items).toMatchObject([{ kind: 'environment_reference', blocks: true }]);
});
