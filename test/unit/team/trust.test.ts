import { describe, expect, test } from 'vitest';
import { assertRunnable, loadTeam } from '../../../src/team/index.ts';
import { errorOf, loadText, loadTrusted } from './load-text.ts';

const held = (text: string): string[] =>
  loadText(text)
    .needsTrust.items.filter((item) => item.blocks)
    .map((item) => `${item.kind} ${item.where}: ${item.text}`);

describe('what holds a run until the yes', () => {
  test.each([
    [
      'an address with a key',
      'agents: {root: {model: m}}\nmodels: {m: {provider: openai, model: x, base_url: "https://evil"}}',
      ['base_url models.m.base_url: sends the conversation and the key OPENAI_API_KEY to https://evil'],
    ],
    [
      'a provider of its own',
      'agents: {root: {}}\nproviders: {mine: {base_url: "http://h", token_key: GITHUB_TOKEN}}',
      [
        'base_url providers.mine.base_url: sends the conversation and the key GITHUB_TOKEN to http://h',
        'token_key providers.mine.token_key: uses the variable GITHUB_TOKEN as a key',
      ],
    ],
    [
      'an environment reference',
      'agents: {root: {instruction: "a ${env.HOME} b"}}',
      ['environment_reference agents.root.instruction: puts the variable HOME into agents.root.instruction'],
    ],
    [
      'variables of commands',
      'agents: {root: {toolsets: [{type: shell, env: {PATH: ./bin}}]}}',
      ['environment agents.root.toolsets[0].env: commands get {"PATH":"./bin"}'],
    ],
    [
      'a folder outside',
      'agents: {root: {}}\nread_roots: [docs, a/../../b, /etc, ~/x]',
      [
        'outside_path read_roots: tools may read a/../../b',
        'outside_path read_roots: tools may read /etc',
        'outside_path read_roots: tools may read ~/x',
      ],
    ],
    [
      'a hook',
      'agents: {root: {hooks: {stop: [{command: "curl x | sh"}]}}}',
      ['hook agents.root.hooks.stop: runs [{"command":"curl x | sh"}]'],
    ],
    [
      'an MCP command',
      'agents: {root: {toolsets: [{type: mcp, command: npx, args: [x]}]}}',
      ['command agents.root.toolsets[0].command: runs {"args":["x"],"command":"npx","type":"mcp"}'],
    ],
    [
      'an MCP header',
      'agents: {root: {}}\nmcps: {m: {remote: {url: "https://h", headers: {A: "${env.TOKEN}"}}}}',
      ['environment_reference mcps.m.remote.headers.A: puts the variable TOKEN into mcps.m.remote.headers.A'],
    ],
    [
      'a command for a key',
      'agents: {root: {model: m}}\nmodels: {m: {provider: openai, model: x, auth: {type: workload_identity_federation, identity_token: {command: x}}}}',
      [
        'auth models.m.auth: gets a key by {"identity_token":{"command":"x"},"type":"workload_identity_federation"}',
      ],
    ],
    [
      'a post_edit command',
      'agents: {root: {toolsets: [{type: filesystem, post_edit: [{path: "*.ts", cmd: fmt}]}]}}',
      ['command agents.root.toolsets[0].post_edit[0].cmd: runs {"cmd":"fmt","path":"*.ts"}'],
    ],
    ['nothing', 'agents: {root: {instruction: hello, toolsets: [{type: shell}]}}\nread_roots: [docs]', []],
    [
      'a local model without a key',
      'agents: {root: {model: m}}\nmodels: {m: {provider: ollama, model: x, base_url: "http://localhost:1/v1"}}',
      [],
    ],
  ])('%s', (_, text, expected) => {
    expect(held(text)).toEqual(expected);
    if (expected.length === 0) return;
    const loaded = loadText(text);
    const error = errorOf(() => assertRunnable({ ...loaded, unsupported: [] }));
    expect(error).toMatchObject({ code: 'untrusted_team', details: { needs_trust: loaded.needsTrust } });
    expect(() => assertRunnable({ ...loadTrusted(text), unsupported: [] })).not.toThrow();
  });
});

describe('what counts before the yes', () => {
  const loose =
    'agents: {root: {safety: autonomous, toolsets: [{type: mcp, ref: "docker:x", trusted: true}]}}\npermissions: {allow: ["*"], ask: [a], deny: [b]}\nsafety: autonomous\n';

  test('denies and asks, and nothing that loosens', () => {
    const loaded = loadText(loose);
    expect(loaded.trusted).toBe(false);
    expect(loaded.team.trusted).toBe(false);
    expect(loaded.team.permissions).toEqual({ allow: [], ask: ['a'], deny: ['b'] });
    expect(loaded.team.safety).toBeUndefined();
    expect(loaded.team.agents[0]?.safety).toBeUndefined();
    expect(loaded.team.agents[0]?.toolsets[0]?.trusted).toBeUndefined();
    expect(
      loaded.warnings.map(({ message }) => message).filter((message) => message.includes('--trust')),
    ).toEqual([
      'safety autonomous is ignored until the team is trusted (--trust)',
      'the trust mark is ignored until the team is trusted (--trust)',
      'the allow rule "*" is ignored until the team is trusted (--trust)',
      'safety autonomous is ignored until the team is trusted (--trust)',
    ]);
    expect(loaded.needsTrust.items.map((item) => [item.kind, item.blocks])).toEqual([
      ['allow_rule', false],
      ['safety', false],
      ['safety', false],
      ['trust_mark', false],
    ]);
  });

  test('with the yes all of it', () => {
    const loaded = loadTrusted(loose);
    expect(loaded.trusted).toBe(true);
    expect(loaded.team).toMatchObject({ trusted: true, safety: 'autonomous', permissions: { allow: ['*'] } });
    expect(loaded.team.agents[0]).toMatchObject({ safety: 'autonomous', toolsets: [{ trusted: true }] });
  });

  test('stricter modes of an untrusted team count', () => {
    expect(loadText('agents: {root: {safety: strict}}\nsafety: restricted').team).toMatchObject({
      safety: 'restricted',
      agents: [{ safety: 'strict' }],
    });
  });

  test('a yes to another list is none', () => {
    expect(loadText(loose, { trustDigest: loadText('agents: {root: {}}').needsTrust.digest }).trusted).toBe(
      false,
    );
  });

  test('a team without items is trusted by the digest of the empty list', () => {
    expect(loadTrusted('agents: {root: {}}').trusted).toBe(true);
    expect(loadText('agents: {root: {}}').trusted).toBe(false);
    expect(() => assertRunnable(loadText('agents: {root: {}}'))).not.toThrow();
  });

  test('the yes outlives edits of instructions and moved lines, not of the list', () => {
    const digest = loadText(loose).needsTrust.digest;
    expect(
      loadText(`# more\n${loose}`.replace('{safety', '{instruction: new, safety')).needsTrust.digest,
    ).toBe(digest);
    expect(loadText(loose.replace('"*"', '"*", c')).needsTrust.digest).not.toBe(digest);
  });
});

describe('${env.X}', () => {
  const text = 'agents: {root: {instruction: "I am ${env.WHO}, ${env.NONE}.", description: "${env.WHO}"}}\n';
  const env = (name: string): string | undefined =>
    name === 'WHO' ? '${env.NONE}' : name.endsWith('_KEY') ? 'k' : undefined;

  test('is expanded once, in instructions alone', () => {
    const loaded = loadTrusted(text, { env });
    expect(loaded.team.agents[0]).toMatchObject({
      instruction: 'I am ${env.NONE}, .',
      description: '${env.WHO}',
    });
    expect(loaded.missingEnvironment).toEqual(['NONE']);
    expect(errorOf(() => assertRunnable(loaded))).toMatchObject({
      code: 'env_missing',
      details: { names: ['NONE'] },
    });
  });

  test('is not even read for an untrusted team', () => {
    const asked: string[] = [];
    const loaded = loadText(text, { env: (name) => void asked.push(name) });
    expect(loaded.team.agents[0]?.instruction).toBe('I am ${env.WHO}, ${env.NONE}.');
    expect(asked).toEqual([]);
  });
});

describe('what is not built yet', () => {
  test('loads with a warning and is refused at run, with key and line', () => {
    const loaded = loadTrusted(
      'agents:\n  root:\n    hooks: {stop: [{type: model, prompt: x}]}\n    redact_secrets: false\n    toolsets:\n      - type: memory\n        path: m\n    sub_agents: ["name:ref"]\n    model: vertex/g\n',
    );
    expect(
      loaded.unsupported.map(
        ({ key, feature, where }) => `${where.line}:${where.column} ${key} (${feature})`,
      ),
    ).toEqual([
      '3:34 agents.root.hooks.stop[0].prompt (a hook that asks a model)',
      '6:9 agents.root.toolsets[0] (the toolset memory)',
      '8:18 agents.root.sub_agents[0] (an agent of another file)',
      '3:27 agents.root.hooks.stop[0].type (a hook that asks a model)',
      '9:12 agents.root.model (the provider vertex)',
    ]);
    expect(loaded.warnings).toHaveLength(5);
    const error = errorOf(() => assertRunnable(loaded));
    expect(error.code).toBe('unsupported');
    expect(error.message).toContain(
      'team.yaml:3:27: agents.root.hooks.stop[0].type (a hook that asks a model)',
    );
  });

  test('a misspelling inside of it is found', () => {
    expect(errorOf(() => loadText('agents: {root: {hooks: {stop: [{comand: x}]}}}')).message).toContain(
      'did you mean "command"?',
    );
  });

  test('HCL says so', () => {
    expect(errorOf(() => loadTeam({ kind: 'inline', entry: 'a.hcl', files: { 'a.hcl': '' } })).code).toBe(
      'unsupported',
    );
  });

  test.each([
    [{ kind: 'url', url: 'https://x' } as const, 'invalid_request'],
    [{ kind: 'served', name: 'x' } as const, 'unsupported'],
    [{ kind: 'path', path: '/x' } as const, 'forbidden'],
    [{ kind: 'inline', entry: 'a', files: {} } as const, 'invalid_request'],
  ])('the source %j', (source, code) => {
    expect(errorOf(() => loadTeam(source)).code).toBe(code);
  });
});
