import { describe, expect, test } from 'vitest';
import { errorOf, heads, loadText } from './load-text.ts';

function faultsOf(text: string): string[] {
  const error = errorOf(() => loadText(text));
  expect(error.code).toBe('invalid_team');
  return heads(error);
}

const agent = (lines: string): string => `agents:\n  root:\n${lines}\n`;

describe('what is wrong is said with its place and the nearest spelling', () => {
  test.each([
    [
      'unknown key',
      agent('    modle: auto'),
      ['team.yaml:3:5: unknown key "modle" of an agent; did you mean "model"?'],
    ],
    [
      'other case',
      agent('    subAgents: []'),
      ['team.yaml:3:5: unknown key "subAgents" of an agent; did you mean "sub_agents"?'],
    ],
    [
      'key of another place',
      agent('    temperature: 1'),
      ['team.yaml:3:5: unknown key "temperature" of an agent; it is a key of a model or of a provider'],
    ],
    [
      'unknown toolset',
      agent('    toolsets: [{type: filesytem}]'),
      ['team.yaml:3:23: unknown type "filesytem" of a toolset; did you mean "filesystem"?'],
    ],
    [
      'no toolset type',
      agent('    toolsets: [{name: x}]'),
      [
        'team.yaml:3:16: a toolset needs the key "type": one of filesystem, shell, think, todo, mcp, lsp, script, fetch, memory, tasks, user_prompt, background_agents, api, openapi, a2a, model_picker, rag',
      ],
    ],
    [
      'option of another toolset',
      agent('    toolsets: [{type: think, env: {}}]'),
      [
        'team.yaml:3:30: unknown key "env" of a toolset of type think; it is a key of a toolset of type shell or of a toolset of type mcp or of a toolset of type lsp',
      ],
    ],
    [
      'an MCP server at no address',
      agent('    toolsets: [{type: mcp, remote: {url: nope}}]'),
      ['team.yaml:3:42: "nope" is no http or https address'],
    ],
    [
      'an MCP server of two kinds',
      agent('    toolsets: [{type: mcp, command: x, remote: {url: https://a.example}}]'),
      ['team.yaml:3:16: an MCP server has one of command, remote and ref; this one has command and remote'],
    ],
    [
      'an MCP server under another name',
      `mcps: {files: {command: x}}\n${agent('    toolsets: [{type: mcp, ref: file}]')}`,
      ['team.yaml:4:33: no MCP server "file" under mcps; did you mean "files"?'],
    ],
    [
      'unknown tool',
      agent('    toolsets: [{type: shell, tools: [shel]}]'),
      ['team.yaml:3:38: the toolset shell has no tool "shel"; did you mean "shell"?'],
    ],
    [
      'the same tool twice',
      agent('    toolsets:\n      - type: think\n      - type: think'),
      [
        'team.yaml:5:9: the tool "think" is offered by the toolset in line 4 already; give one of them other `tools`',
      ],
    ],
    [
      'unknown provider',
      agent('    model: opnai/gpt'),
      ['team.yaml:3:12: unknown provider "opnai"; did you mean "openai"?'],
    ],
    [
      'unknown model',
      agent('    model: fats\nmodels: {fast: {provider: openai, model: x}}'),
      ['team.yaml:3:12: unknown model "fats"; did you mean "fast"?'],
    ],
    ['empty part of an alloy', agent('    model: "auto,"'), ['team.yaml:3:12: a model has no name here']],
    [
      'unknown sub-agent',
      agent('    sub_agents: [halper]\n  helper: {}'),
      ['team.yaml:3:18: unknown agent "halper"; did you mean "helper"?'],
    ],
    [
      'unknown handoff',
      agent('    handoffs: [nobody]\n  helper: {}'),
      ['team.yaml:3:16: unknown agent "nobody"; there are root, helper'],
    ],
    [
      'an agent of itself',
      agent('    sub_agents: [root]'),
      ['team.yaml:3:18: the agent "root" refers to itself; name another agent of this file'],
    ],
    [
      'a provider of itself',
      agent('    model: mine/x\nproviders: {mine: {provider: mine}}'),
      [
        'team.yaml:4:30: the provider "mine" refers to itself; name a built-in one: openai, anthropic, google, amazon-bedrock, vertex, dmr, ollama, requesty, azure, xai, nebius, mistral, groq, openrouter, minimax and github-copilot',
      ],
    ],
    [
      'a fallback to nobody',
      agent('    fallback: {models: []}'),
      ['team.yaml:3:24: a fallback names at least one model, as in [openai/gpt-4o-mini]'],
    ],
    [
      'a fallback to a model that is not there',
      agent('    fallback: {models: [openai/gpt-4o, nope]}'),
      ['team.yaml:3:40: unknown model "nope"; write a name from `models`, `provider/model` or `auto`'],
    ],
    [
      'wrong type: text',
      agent('    description: 4'),
      ['team.yaml:3:18: expected a text (in quotes: "4"), found the number 4'],
    ],
    [
      'wrong type: flag',
      agent('    add_date: yes'),
      ['team.yaml:3:15: expected true or false (write true), found the text "yes"'],
    ],
    [
      'wrong type: number',
      agent('    max_iterations: many'),
      ['team.yaml:3:21: expected a whole number, at least 0, found the text "many"'],
    ],
    [
      'fraction',
      agent('    max_iterations: 1.5'),
      ['team.yaml:3:21: expected a whole number, at least 0, found the number 1.5'],
    ],
    [
      'too small',
      agent('    max_old_tool_call_tokens: -2'),
      ['team.yaml:3:31: expected a whole number, at least -1, found the number -2'],
    ],
    [
      'too large',
      agent('    model: m\nmodels: {m: {provider: openai, model: x, top_p: 2}}'),
      ['team.yaml:4:49: expected a number from 0 to 1, found the number 2'],
    ],
    [
      'wrong type: list',
      agent('    sub_agents: helper'),
      ['team.yaml:3:17: expected a list, found the text "helper"'],
    ],
    ['wrong type: mapping', 'agents: [root]\n', ['team.yaml:1:9: expected a mapping, found a list']],
    ['nothing under an agent', 'agents:\n  root:\n', ['team.yaml:2:8: expected a mapping, found nothing']],
    [
      'not one of',
      agent('    safety: lax'),
      ['team.yaml:3:13: expected one of strict, balanced, restricted and autonomous, found the text "lax"'],
    ],
    ['no agents', 'version: 9\n', ['team.yaml:1:1: a team needs the key "agents"']],
    ['empty agents', 'agents: {}\n', ['team.yaml:1:9: a team needs at least one agent']],
    [
      'missing key',
      agent('    model: m\nmodels: {m: {provider: openai}}'),
      ['team.yaml:4:13: a model needs the key "model"'],
    ],
    [
      'duplicate key',
      agent('    model: auto\n    model: auto'),
      ['team.yaml:4:5: the key "model" stands here a second time; the first is in line 3'],
    ],
    ['tab', 'agents:\n\troot: {}\n', ['team.yaml:2:1: a tab in the indentation; use spaces']],
    [
      'second document',
      'agents: {root: {}}\n---\nagents: {root: {}}\n',
      ['team.yaml:2:1: a second document begins here; a team file is one document'],
    ],
    [
      'tag',
      'agents: !!js/function {root: {}}\n',
      ['team.yaml:1:9: a tag that team files do not know; write the plain value'],
    ],
    ['a scalar', 'hello\n', ['team.yaml:1:1: expected a mapping, found the text "hello"']],
    [
      'unknown version',
      'version: 10\nagents: {root: {}}\n',
      ['team.yaml:1:10: unknown version "10"; the latest is 9, also when none is named'],
    ],
    [
      'azure without address',
      agent('    model: azure/gpt'),
      ['team.yaml:3:12: the provider azure needs a base_url'],
    ],
    [
      'prompt file outside',
      agent('    add_prompt_files: [../x]'),
      ['team.yaml:3:24: "../x" is no name of a prompt file; write a name inside the workspace'],
    ],
    [
      'empty pattern',
      agent('    model: auto\npermissions: {deny: [""]}'),
      ['team.yaml:4:22: a pattern must name a tool'],
    ],
    ['no anchor', agent('    model: *x'), ['team.yaml:3:12: there is no anchor "&x" before this']],
    [
      'an alias in itself',
      agent('    structured_output: {name: a, schema: &s {b: *s}}'),
      ['team.yaml:3:49: the alias "*s" stands inside of what it stands for'],
    ],
    [
      'merge of a text',
      agent('    <<: text'),
      ['team.yaml:3:9: "<<" takes an alias of a mapping, or a list of them'],
    ],
  ])('%s', (_, text, expected) => {
    expect(faultsOf(text)).toEqual(expected);
  });

  test('a pattern that its reader refuses', () => {
    const text = agent('    model: auto\npermissions: {ask: [shell, "x:"]}');
    const checkPattern = (pattern: string): string | undefined =>
      pattern === 'x:' ? 'an argument is missing' : undefined;
    expect(heads(errorOf(() => loadText(text, { checkPattern })))).toEqual([
      'team.yaml:4:28: an argument is missing',
    ]);
  });

  test('all at once, in the order of the file, with the line and a caret', () => {
    const error = errorOf(() =>
      loadText('agents:\n  root:\n    modle: auto\n    sub_agents: [5, halper]\n  helper: {}\n'),
    );
    expect(error.message).toBe(
      [
        'team.yaml:3:5: unknown key "modle" of an agent; did you mean "model"?',
        '        modle: auto',
        '        ^',
        'team.yaml:4:18: expected a text (in quotes: "5"), found the number 5',
        '        sub_agents: [5, halper]',
        '                     ^',
        'team.yaml:4:21: unknown agent "halper"; did you mean "helper"?',
        '        sub_agents: [5, halper]',
        '                        ^',
      ].join('\n'),
    );
    expect(error.details?.['problems']).toEqual([
      expect.objectContaining({
        where: { file: 'team.yaml', line: 3, column: 5 },
        source_line: '    modle: auto',
        caret: 4,
      }),
      expect.objectContaining({ where: { file: 'team.yaml', line: 4, column: 18 } }),
      expect.objectContaining({ where: { file: 'team.yaml', line: 4, column: 21 } }),
    ]);
  });

  test('a hundred problems are shown, the rest is counted', () => {
    const error = errorOf(() =>
      loadText(`agents:\n${Array.from({ length: 102 }, (_, index) => `  a${index}: {modle: x}\n`).join('')}`),
    );
    expect(heads(error)).toHaveLength(100);
    expect(error.message.endsWith('\nand 2 more problems')).toBe(true);
  });

  test('a shown line carries no control characters and is cut around the column', () => {
    const error = errorOf(() =>
      loadText(`agents: {root: {description: "${'x'.repeat(300)}\u202e\u001b[31m", modle: 1}}\n`),
    );
    const [, line = '', caret = ''] = error.message.split('\n');
    expect(line.length).toBeLessThanOrEqual(124);
    expect(line[caret.indexOf('^')]).toBe('m');
    expect(/\u001b|\u202e/.test(error.message)).toBe(false);
  });
});

describe('files that are no team at all', () => {
  test.each([
    ['empty', '', 'team.yaml: is empty; a team has at least one agent under `agents`'],
    ['only a comment', '# nothing\n', 'team.yaml: is empty; a team has at least one agent under `agents`'],
    ['binary', 'agents:\u0000\u0001', 'team.yaml: is binary, not a team file'],
    [
      'too large',
      `#${'x'.repeat(1024 * 1024)}`,
      'team.yaml: is over 1 MiB; a team file holds the team alone, keep other texts in files of their own',
    ],
    ['brackets', '['.repeat(20_000), 'team.yaml: is nested too deeply'],
  ])('%s', (_, text, message) => {
    const error = errorOf(() => loadText(text));
    expect(error.code).toBe('invalid_team');
    expect(error.message).toBe(message);
  });

  test('an alias bomb ends at once, whatever its keys are', () => {
    const levels = Array.from(
      { length: 30 },
      (_, level) =>
        `l${level + 1}: &l${level + 1} [${Array.from({ length: 9 }, () => `*l${level}`).join(', ')}]`,
    );
    const text = `l0: &l0 [x, x]\n${levels.join('\n')}\nagents: {root: {sub_agents: *l30}}\n`;
    expect(faultsOf(text)).toEqual([
      'team.yaml:5:25: the aliases up to here stand for more than 10000 values; write less with them',
    ]);
  });

  test('nesting has a limit', () => {
    const text = agent(`    structured_output: {name: a, schema: ${'['.repeat(70)}${']'.repeat(70)}}`);
    expect(faultsOf(text).join()).toMatch(/nested deeper than 64 levels$/);
  });

  test('many aliases in a large file end it too (looked up in one pass)', () => {
    const text = `x: &a 1\nagents: {root: {sub_agents: [${'*a,'.repeat(20_000)}]}}`;
    expect(faultsOf(text).join()).toMatch(
      /the aliases up to here stand for more than 10000 values; write less with them$/,
    );
  });
});

describe('what is fine', () => {
  test('a byte order mark and CRLF', () => {
    const loaded = loadText('\uFEFFagents:\r\n  root:\r\n    description: hello\r\n');
    expect(loaded.team.agents[0]?.description).toBe('hello');
  });

  test('anchors and merges', () => {
    const loaded = loadText(
      'agents:\n  root: &base {description: a, add_date: true}\n  other: {<<: *base, description: b}\n',
    );
    expect(loaded.team.agents.map(({ description, add_date }) => ({ description, add_date }))).toEqual([
      { description: 'a', add_date: true },
      { description: 'b', add_date: true },
    ]);
  });

  test('cycles through others', () => {
    const loaded = loadText('agents:\n  a: {sub_agents: [b]}\n  b: {sub_agents: [a]}\n');
    expect(loaded.team.agents.map((entry) => entry.sub_agents)).toEqual([['b'], ['a']]);
  });
});
