import { expect, test } from 'vitest';
import { loadTeam } from '../../../src/team/load.ts';
import { toYonderError } from '../../../src/protocol/errors.ts';

function load(text: string) {
  const source = { kind: 'inline', entry: 'team.yaml', files: { 'team.yaml': text } } as const;
  const { needsTrust } = loadTeam(source);
  return loadTeam(source, { trustDigest: needsTrust.digest });
}

const team = (...lines: string[]): string =>
  ['agents:', '  root:', '    hooks:', ...lines.map((line) => `      ${line}`), ''].join('\n');

test('the hooks of a trusted team stand with their agent, timeouts in seconds', () => {
  const { team: loaded } = load(
    team(
      'stop: [{command: x, timeout: 1m30s}]',
      'pre_tool_use: [{matcher: "shell|fetch", hooks: [{command: y}]}]',
    ),
  );
  expect(loaded.agents[0]?.hooks).toEqual({
    stop: [{ command: 'x', timeout: 90 }],
    pre_tool_use: [{ matcher: 'shell|fetch', hooks: [{ command: 'y' }] }],
  });
});

test('those of a team that nobody trusts stand nowhere, and hold the run', () => {
  const files = { 'team.yaml': team('stop: [{command: x}]') };
  const loaded = loadTeam({ kind: 'inline', entry: 'team.yaml', files });
  expect(loaded.team.agents[0]?.hooks).toBeUndefined();
  expect(loaded.needsTrust.items).toMatchObject([
    { kind: 'hook', where: 'agents.root.hooks.stop', blocks: true },
  ]);
});

test.each([
  ['pre_tool_use: [{matcher: "a(", hooks: [{command: y}]}]', '4:32', /no regular expression/],
  ['stop: [{type: builtin, command: add_dat}]', '4:39', /did you mean "add_date"/],
  ['stop: [{type: builtin}]', '4:14', /needs a built-in's name/],
  ['stop: [{name: empty}]', '4:14', /needs a command/],
])('%s is a fault at %s', (line, place, words) => {
  try {
    load(team(line));
    expect.unreachable();
  } catch (thrown) {
    const { code, message } = toYonderError(thrown);
    expect(code).toBe('invalid_team');
    expect(message).toMatch(words);
    expect(message).toContain(`team.yaml:${place}`);
  }
});

test('what is not built is said by its feature', () => {
  const { unsupported } = load(team('stop: [{type: builtin, command: unload}]'));
  expect(unsupported.map(({ feature }) => feature)).toEqual(['the built-in hook unload']);
});
