import { describe, expect, test } from 'vitest';
import { resolvedTeamSchema, type ResolvedAgent } from '../../../src/protocol/team.ts';
import { loadTeam, teamDigest } from '../../../src/team/index.ts';
import { errorOf, loadText, loadTrusted } from './load-text.ts';

function rootOf(lines: string): ResolvedAgent {
  const [root] = loadTrusted(`agents:\n  root:\n    ${lines}\n  helper: {}\n`).team.agents;
  if (root === undefined) throw new Error('no agent');
  return root;
}

describe('each built key of an agent', () => {
  test.each<[string, Partial<ResolvedAgent>]>([
    ['description: d', { description: 'd' }],
    ['instruction: i', { instruction: 'i' }],
    ['welcome_message: w', { welcome_message: 'w' }],
    ['model: openai/gpt-5', { models: ['openai/gpt-5'] }],
    ['model: auto, anthropic/x', { models: ['auto', 'anthropic/x'] }],
    ['sub_agents: [helper, helper]', { sub_agents: ['helper'] }],
    ['add_date: true', { add_date: true }],
    ['add_environment_info: true', { add_environment_info: true }],
    ['add_prompt_files: [AGENTS.md, docs/x.md]', { add_prompt_files: ['AGENTS.md', 'docs/x.md'] }],
    ['max_iterations: 7', { max_iterations: 7 }],
    ['max_consecutive_tool_calls: 0', { max_consecutive_tool_calls: 5 }],
    ['max_consecutive_tool_calls: 2', { max_consecutive_tool_calls: 2 }],
    ['max_old_tool_call_tokens: 0', { max_old_tool_call_tokens: 40_000 }],
    ['max_old_tool_call_tokens: -1', { max_old_tool_call_tokens: -1 }],
    ['num_history_items: 9', { num_history_items: 9 }],
    ['safety: strict', { safety: 'strict' }],
    [
      'fallback: {models: [openai/a, openai/b]}',
      { fallback: { models: ['openai/a', 'openai/b'], retries: 2, cooldown_ms: 60_000 } },
    ],
    [
      'fallback: {models: [openai/a, openai/a], retries: -1, cooldown: 1h1m1.5s}',
      { fallback: { models: ['openai/a'], retries: 0, cooldown_ms: 3_661_500 } },
    ],
    [
      'fallback: {models: [openai/a], retries: 5, cooldown: 2}',
      { fallback: { models: ['openai/a'], retries: 5, cooldown_ms: 2_000 } },
    ],
    [
      'toolsets: [{type: filesystem}]',
      { toolsets: [{ type: 'filesystem', options: { ignore_vcs: true }, line: 3 }] },
    ],
    [
      'toolsets: [{type: filesystem, ignore_vcs: false}]',
      { toolsets: [{ type: 'filesystem', options: { ignore_vcs: false }, line: 3 }] },
    ],
    [
      'toolsets: [{type: shell, env: {A: b}}]',
      { toolsets: [{ type: 'shell', options: { env: { A: 'b' } }, line: 3 }] },
    ],
    [
      'toolsets: [{type: todo, name: n, tools: [list_todos], instruction: t}]',
      {
        toolsets: [
          { type: 'todo', name: 'n', tools: ['list_todos'], instruction: 't', options: {}, line: 3 },
        ],
      },
    ],
    ['toolsets: [{type: think}]', { toolsets: [{ type: 'think', options: {}, line: 3 }] }],
  ])('%s', (lines, expected) => {
    expect(rootOf(lines)).toMatchObject(expected);
  });

  test('the defaults', () => {
    expect(rootOf('{}')).toEqual({
      name: 'root',
      description: '',
      instruction: '',
      models: ['auto'],
      sub_agents: [],
      handoffs: [],
      toolsets: [],
      add_date: false,
      add_environment_info: false,
      add_prompt_files: [],
      max_iterations: 0,
      max_consecutive_tool_calls: 5,
      max_old_tool_call_tokens: 40_000,
      num_history_items: 0,
    });
  });
});

describe('models', () => {
  const models = (yaml: string): unknown =>
    loadTrusted(`agents: {root: {model: m}}\n${yaml}\n`).team.models['m'];

  test('every built key arrives, and the own value wins over the provider', () => {
    expect(
      models(
        'models: {m: {provider: mine, model: x, temperature: 1, frequency_penalty: 0.1, presence_penalty: 0.2, provider_opts: {a: 1}}}\n' +
          'providers: {mine: {provider: openai, api_type: openai_responses, base_url: "https://x/v1", token_key: K, temperature: 0, max_tokens: 9, top_p: 0.5, parallel_tool_calls: false, track_usage: true, thinking_budget: low, provider_opts: {a: 2, b: 3}}}',
      ),
    ).toEqual({
      name: 'm',
      provider: 'openai',
      provider_name: 'mine',
      model: 'x',
      api: 'openai_responses',
      base_url: 'https://x/v1',
      token_key: 'K',
      temperature: 1,
      max_tokens: 9,
      top_p: 0.5,
      frequency_penalty: 0.1,
      presence_penalty: 0.2,
      parallel_tool_calls: false,
      track_usage: true,
      thinking_budget: 'low',
      provider_opts: { a: 1, b: 3 },
    });
  });

  test.each([
    ['openai', 'gpt-4o', 'openai_chatcompletions'],
    ['openai', 'gpt-4.1-mini', 'openai_responses'],
    ['openai', 'gpt-5', 'openai_responses'],
    ['openai', 'o3', 'openai_responses'],
    ['openai', 'x-codex-y', 'openai_responses'],
    ['anthropic', 'claude', 'anthropic'],
    ['ollama', 'o3', 'openai_chatcompletions'],
    ['google', 'gemini', 'google'],
  ])('%s/%s speaks %s', (provider, model, api) => {
    expect(models(`models: {m: {provider: ${provider}, model: ${model}}}`)).toMatchObject({ provider, api });
  });

  test.each<[string, unknown]>([
    ['1024', 1024],
    ['high', 'high'],
    ['adaptive', 'adaptive'],
    ['adaptive/low', 'adaptive/low'],
    ['{effort: max}', 'max'],
  ])('thinking_budget %s', (written, expected) => {
    expect(models(`models: {m: {provider: openai, model: x, thinking_budget: ${written}}}`)).toMatchObject({
      thinking_budget: expected,
    });
  });

  test('another mapping as thinking_budget is a warning', () => {
    const loaded = loadText(
      'agents: {root: {model: m}}\nmodels: {m: {provider: openai, model: x, thinking_budget: {tokens: 3}}}\n',
    );
    expect(loaded.warnings.map(({ message }) => message)).toEqual([
      'this mapping is not understood and ignored; write a number, a level, or {effort: LEVEL}',
    ]);
    expect(loaded.team.models['m']?.thinking_budget).toBeUndefined();
  });

  test('a missing key is a warning that names the variable', () => {
    const text = 'agents: {root: {model: "openai/x, ollama/y"}}\n';
    expect(loadText(text, { env: () => undefined }).warnings).toEqual([
      {
        where: { file: 'team.yaml', line: 1, column: 24 },
        message: 'the model openai/x needs a key in OPENAI_API_KEY, which is not set',
      },
    ]);
    expect(loadText(text, { env: () => 'key' }).warnings).toEqual([]);
  });

  test('overrides: for all, for one, the last counts', () => {
    const text = 'agents: {root: {}, helper: {model: openai/x}}\n';
    const modelsOf = (modelOverrides: string[]): string[][] =>
      loadText(text, { modelOverrides }).team.agents.map((agent) => agent.models);
    expect(modelsOf(['anthropic/a'])).toEqual([['anthropic/a'], ['anthropic/a']]);
    expect(modelsOf(['helper=anthropic/a,openai/b', 'openai/c'])).toEqual([['openai/c'], ['anthropic/a']]);
    expect(errorOf(() => modelsOf(['halper=openai/x'])).message).toBe(
      'model override "halper=openai/x": unknown agent "halper"; did you mean "helper"?',
    );
    expect(errorOf(() => modelsOf(['opnai/x']))).toMatchObject({
      code: 'invalid_request',
      message: 'model override "opnai/x": unknown provider "opnai"; did you mean "openai"?',
    });
  });
});

describe('the team', () => {
  test('its own keys', () => {
    const loaded = loadTrusted(
      'version: "9"\nagents: {b: {}, a: {}}\npermissions: {allow: [x], ask: [y], deny: [z]}\nread_roots: [../lib, doc]\nsafety: autonomous\nmetadata: {author: A, license: L, description: D, readme: R, version: "1"}\n',
    );
    expect(loaded.team).toMatchObject({
      name: 'team',
      version: '9',
      default_agent: 'b',
      permissions: { allow: ['x'], ask: ['y'], deny: ['z'] },
      read_roots: ['../lib', 'doc'],
      safety: 'autonomous',
      metadata: { author: 'A', license: 'L', description: 'D', readme: 'R', version: '1' },
      trusted: true,
    });
    expect(resolvedTeamSchema.parse(JSON.parse(JSON.stringify(loaded.team)))).toEqual(loaded.team);
    expect(loaded.agentNames).toEqual(['b', 'a']);
  });

  test('root begins wherever it stands', () => {
    expect(loadText('agents: {a: {}, root: {}}').defaultAgent).toBe('root');
  });

  test('its digest is of its meaning: not of comments, lines and order of keys', () => {
    const one = loadText('agents:\n  root: {toolsets: [{type: think}], description: x}\n');
    const two = loadText(
      '# words\nagents:\n  root:\n    description: x\n    toolsets:\n      - type: think\n',
    );
    expect(two.digest).toBe(one.digest);
    expect(one.digest).toBe(teamDigest(one.team));
    expect(loadText('agents:\n  root: {description: y}\n').digest).not.toBe(one.digest);
  });

  test('the built-in teams are trusted and need nothing', () => {
    for (const name of ['default', 'coder']) {
      const loaded = loadTeam({ kind: 'builtin', name }, { env: () => undefined });
      expect(loaded).toMatchObject({
        trusted: true,
        warnings: [],
        unsupported: [],
        promptFiles: ['AGENTS.md'],
      });
      expect(loaded.team.models['auto']).toEqual({
        name: 'auto',
        provider: 'auto',
        model: 'auto',
        api: 'auto',
        auto: true,
      });
    }
    expect(errorOf(() => loadTeam({ kind: 'builtin', name: 'codr' }))).toMatchObject({
      code: 'not_found',
      message: 'there is no built-in team "codr"; did you mean "coder"?',
    });
  });
});

test('a setting that the API of a model does not have is said, where it stands', () => {
  const team = (lines: string) =>
    `agents: {root: {model: g, description: d, instruction: i}}\nmodels:\n  g: {provider: ${lines}}\n`;
  const said = (text: string) =>
    loadText(text).warnings.map(({ where, message }) => `${where.line}: ${message}`);
  const words =
    "Google's API has no such setting, so the model may ask for several calls at once all the same; take the line out";
  expect(said(team('google, model: gemini-2.5-pro, parallel_tool_calls: false'))).toEqual([
    expect.stringContaining(words),
  ]);
  const provider = 'providers: {mine: {provider: google, parallel_tool_calls: false}}\n';
  expect(said(`${team('mine, model: gemini-2.5-pro')}${provider}`)).toEqual([
    expect.stringMatching(/^4: Google's API has no such setting/),
  ]);
  expect(said(team('google, model: gemini-2.5-pro, parallel_tool_calls: true'))).toEqual([]);
  expect(said(team('openai, model: gpt-4o, parallel_tool_calls: false'))).toEqual([]);
});
