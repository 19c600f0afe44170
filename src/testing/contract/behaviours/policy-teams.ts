import { expect } from 'vitest';
import type { CreateSessionRequest } from '../../../protocol/contract/payloads.ts';
import { INLINE, refused, teamOf, type Behaviours } from '../support.ts';
import { asker, type Asker, type PolicyCase, runCases, TEAM } from '../policy-cases.ts';

const team =
  (text: string, request: CreateSessionRequest = {}) =>
  ({ create }: Asker) =>
    create(request, text);
const config = (runtime_config: CreateSessionRequest['runtime_config']) => team(TEAM, { runtime_config });
const resumed =
  (request: CreateSessionRequest) =>
  ({ backend, context }: Asker, { session_id }: { session_id: string }) =>
    backend.createSession(context, { ...request, resume_session_id: session_id });

const GPT = { models: ['openai/gpt-4o*'] };
const WITH_FALLBACK = teamOf([], { agent: ['fallback:', '  models: [anthropic/claude-haiku-4-5]'] });
const OWN_PROVIDER = [
  'providers:',
  '  anthropic-like:',
  '    provider: openai',
  '    base_url: https://models.example/v1',
  '    token_key: OPENAI_API_KEY',
];

const MODELS: Record<string, PolicyCase> = {
  'a model that a pattern names': { rules: GPT, ask: team(TEAM) },
  'another model': { rules: GPT, ask: team(teamOf([], { model: 'openai/o3' })), refusedBy: 'models' },
  'a model of another provider': {
    rules: GPT,
    ask: team(teamOf([], { model: 'anthropic/claude-haiku-4-5' })),
    refusedBy: 'models',
  },
  'one of several models': {
    rules: GPT,
    ask: team(teamOf([], { model: 'openai/gpt-4o,openai/o3' })),
    refusedBy: 'models',
  },
  'a fallback': { rules: GPT, ask: team(WITH_FALLBACK), refusedBy: 'models' },
  'a model that is named beside the team': {
    rules: GPT,
    ask: team(TEAM, { model_overrides: ['openai/o3'] }),
    refusedBy: 'models',
  },
  'one that is allowed, named beside a team whose own is not': {
    rules: GPT,
    ask: team(teamOf([], { model: 'openai/o3' }), { model_overrides: ['openai/gpt-4o-mini'] }),
  },
  'what auto comes to': {
    rules: { models: ['google/*'] },
    ask: team(teamOf([], { model: 'auto' })),
    refusedBy: 'models',
  },
  'what auto is told to be': {
    rules: GPT,
    ask: team(teamOf([], { model: 'auto' }), { runtime_config: { default_model: 'openai/o3' } }),
    refusedBy: 'models',
  },
  'a model that is set': {
    rules: GPT,
    given: ({ create }) => create(),
    ask: ({ context }, runtime) => runtime.setModel(context, { model: 'openai/gpt-4o-mini' }),
  },
  'another model that is set': {
    rules: GPT,
    given: ({ create }) => create(),
    ask: ({ context }, runtime) => runtime.setModel(context, { model: 'openai/o3' }),
    refusedBy: 'models',
  },
  'a run with a model that is not allowed any more': {
    givenRules: {},
    rules: { models: ['anthropic/*'] },
    given: ({ create }) => create(),
    ask: ({ context }, runtime) => runtime.run(context, { messages: [{ content: 'go' }] }),
    refusedBy: 'models',
  },
  'a resume with another model': {
    rules: GPT,
    given: ({ create }) => create(),
    ask: resumed({ model_overrides: ['openai/o3'] }),
    refusedBy: 'models',
  },
  'loading a team with another model': {
    rules: GPT,
    ask: ({ backend, context }) =>
      backend.loadTeam(context, { source: INLINE(teamOf([], { model: 'openai/o3' })) }),
    refusedBy: 'models',
  },
  'a gateway': {
    rules: { gateways: ['https://gateway.example/team'] },
    ask: config({ models_gateway: 'https://gateway.example/team/a' }),
  },
  'another gateway': {
    rules: { gateways: ['https://gateway.example/team'] },
    ask: config({ models_gateway: 'https://gateway.example/' }),
    refusedBy: 'gateways',
  },
  'a gateway where none is named': {
    ask: config({ models_gateway: 'https://user:secret@gateway.example' }),
    refusedBy: 'gateways',
  },
  'an address of its own in a team': { ask: team(teamOf([], { top: OWN_PROVIDER })), refusedBy: 'gateways' },
  'an allowed address of its own in a team': {
    rules: { gateways: ['https://models.example/v1'] },
    ask: team(teamOf([], { top: OWN_PROVIDER })),
  },
};

const HOOKED = teamOf([], {
  agent: ['hooks:', '  session_start:', '    - type: command', '      command: echo hello'],
});
const STDIO = teamOf([], { agent: ['toolsets:', '  - type: mcp', '    command: run-me'] });
const SHARED = teamOf([], { top: ['mcps:', '  tools:', '    command: run-me'] });
const REMOTE = teamOf([], {
  agent: ['toolsets:', '  - type: mcp', '    remote:', '      url: https://mcp.example'],
});
const LSP = teamOf([], { agent: ['toolsets:', '  - type: lsp', '    command: run-me'] });

const BROUGHT: Record<string, PolicyCase> = {
  'a variable by its name': { rules: { env: ['TOKEN'] }, ask: config({ env: { TOKEN: 'x' } }) },
  'a variable by a pattern': { rules: { env: ['CI_*_URL'] }, ask: config({ env: { CI_JOB_URL: 'x' } }) },
  'another variable': { rules: { env: ['CI_*'] }, ask: config({ env: { PATH: '/x' } }), refusedBy: 'env' },
  'a variable that only begins alike': {
    rules: { env: ['TOKEN'] },
    ask: config({ env: { TOKENS: 'x' } }),
    refusedBy: 'env',
  },
  'a variable that commands get': { rules: { env: ['TOKEN'] }, ask: config({ pass_env: ['TOKEN'] }) },
  'another variable that commands get': {
    rules: { env: [] },
    ask: config({ pass_env: ['OPENAI_API_KEY'] }),
    refusedBy: 'env',
  },
  'another variable on a resume': {
    rules: { env: ['TOKEN'] },
    given: ({ create }) => create(),
    ask: resumed({ runtime_config: { pass_env: ['OTHER'] } }),
    refusedBy: 'env',
  },
  'another variable when a team is loaded': {
    rules: { env: ['TOKEN'] },
    ask: ({ backend, context }) =>
      backend.loadTeam(context, { source: INLINE(TEAM), runtime_config: { env: { OTHER: 'x' } } }),
    refusedBy: 'env',
  },
  'hooks of the client': {
    rules: { hooks: false },
    ask: config({ hooks: { session_start: [{ type: 'command', command: 'echo' }] } }),
    refusedBy: 'hooks',
  },
  'hooks of a team': { rules: { hooks: false }, ask: team(HOOKED), refusedBy: 'hooks' },
  'hooks of a team that may have some': { ask: team(HOOKED) },
  'an MCP server that is a program': {
    rules: { stdio_mcp: false },
    ask: team(STDIO),
    refusedBy: 'stdio_mcp',
  },
  'one that agents share': { rules: { stdio_mcp: false }, ask: team(SHARED), refusedBy: 'stdio_mcp' },
  'a language server': { rules: { stdio_mcp: false }, ask: team(LSP), refusedBy: 'stdio_mcp' },
  'an MCP server at an address': { rules: { stdio_mcp: false }, ask: team(REMOTE) },
};

const LOOSE = teamOf(['shell'], { top: ['permissions:', '  allow: ["shell"]'] });
const BLOCKED = teamOf([], { top: OWN_PROVIDER });
const TRUST: Record<string, PolicyCase> = {
  'the yes of a client': { rules: { gateways: ['https://models.example/'] }, ask: team(BLOCKED) },
  'a yes that does not count': {
    rules: { trust: false, gateways: ['https://models.example/'] },
    ask: team(BLOCKED),
    refusedBy: 'untrusted_team trust',
  },
  'no yes at all': {
    rules: { trust: false, gateways: ['https://models.example/'] },
    ask: ({ backend, context, folder }) =>
      backend.createSession(context, { source: INLINE(BLOCKED), working_dir: folder }),
    fails: 'untrusted_team',
  },
  'a team that needs none': { rules: { trust: false }, ask: team(TEAM) },
};

export const policyTeamBehaviours: Behaviours = {
  'models and gateways of a policy hold for the resolved team and for what is set later': async ({
    open,
  }) => {
    const world = await open();
    await runCases(world, MODELS);
    const { backend, context } = asker(world, { models: ['openai/*'] });
    const { models } = await backend.hostModels(context, {});
    expect(models.length).toBeGreaterThan(0);
    expect(new Set(models.map(({ provider }) => provider))).toEqual(new Set(['openai']));
  },

  'a policy says what teams and clients may bring along': async ({ open }) => {
    const world = await open();
    await runCases(world, { ...BROUGHT, ...TRUST });
  },

  'where a yes does not count, a team is untrusted: its allow rules do not count, and it is said': async ({
    open,
  }) => {
    const world = await open();
    const source = INLINE(LOOSE);
    const { needs_trust } = await world.backend.loadTeam(world.context, { source });
    const trust = { digest: needs_trust?.digest ?? '' };
    for (const [rules, trusted] of [
      [{ trust: true }, true],
      [{ trust: false }, false],
    ] as const) {
      const { backend, context } = asker(world, rules);
      const created = await backend.createSession(context, { source, trust, working_dir: world.folder });
      const ofTeam = created.permissions.layers.find(({ layer }) => layer === 'team');
      expect([ofTeam?.trusted, ofTeam?.rules.allow]).toEqual([trusted, trusted ? ['shell'] : []]);
      const said = (created.warnings ?? []).filter(({ message }) => message.includes('(trust)'));
      expect(said).toHaveLength(trusted ? 0 : 1);
    }
    // Without a policy the yes is that of admin.
    const plain = world.as('dave', ['read', 'run']);
    const blocked = INLINE(BLOCKED);
    const needed = await world.backend.loadTeam(world.context, { source: blocked });
    const request = { source: blocked, trust: { digest: needed.needs_trust?.digest ?? '' } };
    await refused(
      plain.backend.createSession(plain.context, { ...request, working_dir: world.folder }),
      'untrusted_team',
      /does not count|trust/,
    );
  },
};
