import { describe, expect, test } from 'vitest';
import { errorOf, loadText } from './load-text.ts';

const toolsetsOf = (text: string): unknown[] =>
  loadText(text).team.agents.flatMap((agent) =>
    agent.toolsets.map(({ type, options, line }) => [type, options, line]),
  );

const messages = (text: string): string[] =>
  loadText(text).warnings.map(({ where, message }) => `${where.line}:${where.column} ${message}`);

test.each(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])(
  'what all versions share means the same in version %s',
  (version) => {
    const text = (line: string): string =>
      `${line}agents:\n  root:\n    model: openai/gpt-4o\n    instruction: Help.\n    toolsets:\n      - type: shell\n        env: {A: b}\n`;
    const { team, warnings, unsupported } = loadText(text(`version: ${version}\n`));
    const latest = loadText(text('# none\n'));
    expect({ ...team, version: '' }).toEqual({ ...latest.team, version: '' });
    expect([warnings, unsupported]).toEqual([[], []]);
    expect(loadText(text(`version: "${version}"\n`)).team.agents).toEqual(team.agents);
  },
);

describe('version 0', () => {
  test('a type is a provider; todo, think and memory are toolsets before the own ones, at their lines', () => {
    const text = `version: 0
models:
  fast: {type: openai, model: gpt-4o}
agents:
  root:
    name: root
    model: fast
    toolsets:
      - type: shell
    think: true
    todo: {shared: false}
  helper:
    todo: false
    memory:
      path: here.db
`;
    const { team, unsupported } = loadText(text);
    expect(team.models['fast']).toMatchObject({ provider: 'openai', model: 'gpt-4o' });
    expect(toolsetsOf(text)).toEqual([
      ['todo', { shared: false }, 11],
      ['think', {}, 10],
      ['shell', {}, 9],
      ['memory', { path: 'here.db' }, 14],
    ]);
    expect(unsupported).toMatchObject([{ feature: 'the toolset memory', where: { line: 14 } }]);
  });

  test('a shared list and a shared agent stay what they are', () => {
    const text = `version: 0
agents:
  root:
    <<: &base {model: openai/gpt-4o, think: true}
    toolsets: &tools [{type: shell}]
  helper: {<<: *base, toolsets: *tools, todo: true}
  third: {toolsets: *tools}
`;
    expect(loadText(text).team.agents.map(({ toolsets }) => toolsets.map(({ type }) => type))).toEqual([
      ['think', 'shell'],
      ['todo', 'think', 'shell'],
      ['shell'],
    ]);
  });

  test('another name than the key is said; a value that is none is refused at its place', () => {
    expect(messages('version: 0\nagents:\n  root:\n    name: Boss\n')).toEqual([
      '4:5 the agent is called "root" by its key; its "name" does not count any more',
    ]);
    expect(errorOf(() => loadText('version: 0\nagents:\n  root:\n    think: maybe\n')).message).toContain(
      'team.yaml:4:5: "think" of version 0 takes true, false or a mapping',
    );
  });

  test('faults in what was moved point to where it was written', () => {
    const { message } = errorOf(() =>
      loadText('version: 0\nagents:\n  root:\n    toolsets: []\n    todo:\n      shraed: true\n'),
    );
    expect(message).toContain(
      'team.yaml:6:7: unknown key "shraed" of a toolset of type todo; did you mean "shared"?',
    );
  });
});

test('keys that went away with version 2 are refused by their names, all at once', () => {
  const { code, message } = errorOf(() =>
    loadText(`version: 1
env: {A: b}
models:
  fast: {provider: openai, model: gpt-4o, env: {A: b}}
agents:
  root:
    toolsets:
      - type: shell
        env_file: .env
`),
  );
  expect(code).toBe('invalid_team');
  for (const said of [
    '2:1: the key "env" of a team went away with version 2',
    '4:43: the key "env" of a model went away',
    '9:9: the key "env_file" of a toolset went away',
  ])
    expect(message).toContain(said);
  expect(message).not.toContain('unknown key');
  expect(errorOf(() => loadText('version: 2\nenv: {}\nagents: {root: {}}')).message).toContain(
    'unknown key "env" of a team',
  );
});

test('the sandbox of a shell is gone with version 6: a warning before, unknown after', () => {
  const text = (version: number): string =>
    `version: ${version}\nagents:\n  root:\n    toolsets:\n      - type: shell\n        sandbox: {image: alpine}\n`;
  expect(messages(text(5))).toEqual([
    expect.stringMatching(/^6:9 the "sandbox" of a shell went away .* unconfined$/),
  ]);
  expect(toolsetsOf(text(2))).toEqual([['shell', {}, 5]]);
  expect(errorOf(() => loadText(text(6))).message).toContain('6:9: unknown key "sandbox"');
});

test('rag of version 6: a toolset for each name, and the configuration where it belongs now', () => {
  const text = `version: 6
agents:
  root:
    rag: [docs, code]
    toolsets: [{type: think}]
rag:
  docs:
    docs: [README.md]
    strategies: [{type: bm25, k2: 1}]
`;
  expect(errorOf(() => loadText(text)).message).toContain('team.yaml:9:31: unknown key "k2" of a strategy');
  const { unsupported } = loadText(text.replace(', k2: 1', ''));
  expect(unsupported.map(({ key }) => key)).toEqual([
    'agents.root.toolsets[1]',
    'agents.root.toolsets[2]',
    'rag',
  ]);
  expect(toolsetsOf(text.replace(', k2: 1', ''))).toEqual([
    ['think', {}, 5],
    ['rag', { ref: 'docs' }, 4],
    ['rag', { ref: 'code' }, 4],
  ]);
  expect(errorOf(() => loadText(text.replace('version: 6', 'version: 7'))).message).toContain(
    '4:5: unknown key "rag" of an agent',
  );
});

test.each([
  [2, 'permissions: {deny: [shell]}', 'the key "permissions" of a team came with version 3'],
  [3, 'permissions: {ask: [shell]}', 'the key "ask" of the permissions came with version 4'],
  [5, 'mcps: {a: {remote: {url: "https://a.example"}}}', 'the key "mcps" of a team came with version 6'],
  [8, 'safety: strict', 'the key "safety" of a team came with version 9'],
])('a key that is newer than version %d counts, with a warning: %s', (version, line, said) => {
  const text = `version: ${version}\n${line}\nagents: {root: {}}\n`;
  expect(messages(text).filter((message) => message.includes('came with'))).toEqual([
    expect.stringContaining(`${said}, and this file says version ${version}; it counts all the same`),
  ]);
  expect(messages(text.replace(`version: ${version}`, 'version: 9')).join()).not.toContain('came with');
});

test('the deny rule of a file that says version 2 counts', () => {
  expect(
    loadText('version: 2\npermissions: {deny: [shell]}\nagents: {root: {}}').team.permissions.deny,
  ).toEqual(['shell']);
});

test.each(['10', '"1.0"', 'x', '-1'])('version %s is none', (version) => {
  expect(errorOf(() => loadText(`version: ${version}\nagents: {root: {}}`)).message).toContain(
    'unknown version',
  );
});
