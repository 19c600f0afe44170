import { expect } from 'vitest';
import type { Runtime } from '../../../protocol/backend.ts';
import type { PolicyRules } from '../../../protocol/policy.ts';
import type { CreateSessionRequest } from '../../../protocol/contract/payloads.ts';
import { calls, only, ofType, refused, teamOf, Watcher, type Behaviours } from '../support.ts';
import { asker, type Asker, type PolicyCase, runCases, TEAM } from '../policy-cases.ts';

const make =
  (request: CreateSessionRequest, team = TEAM) =>
  ({ create }: Asker) =>
    create(request, team);
const given = make({});
const ceiling = (safety: 'strict' | 'balanced' | 'restricted') => ({ rules: { safety }, given });
const set =
  (safety: 'strict' | 'balanced' | 'restricted' | 'autonomous') =>
  ({ context }: Asker, runtime: Runtime) =>
    runtime.setSafety(context, { safety });
const allowing = (...allow: string[]) => make({ permissions: { allow } });
const within = (...client_allow: string[]) => ({ rules: { client_allow } });

const SAFETY: Record<string, PolicyCase> = {
  'autonomous under no ceiling': { ask: make({ safety: 'autonomous' }) },
  'autonomous under balanced': {
    ...ceiling('balanced'),
    ask: make({ safety: 'autonomous' }),
    refusedBy: 'safety',
  },
  'all tools approved under balanced': {
    ...ceiling('balanced'),
    ask: make({ tools_approved: true }),
    refusedBy: 'safety',
  },
  'balanced under balanced': { ...ceiling('balanced'), ask: make({ safety: 'balanced' }) },
  'strict under balanced': { ...ceiling('balanced'), ask: make({ safety: 'strict' }) },
  'restricted under balanced': { ...ceiling('balanced'), ask: make({ safety: 'restricted' }) },
  'balanced under strict': { ...ceiling('strict'), ask: make({ safety: 'balanced' }), refusedBy: 'safety' },
  'restricted under strict': { ...ceiling('strict'), ask: make({ safety: 'restricted' }) },
  'strict under restricted, where a yes could do anything': {
    ...ceiling('restricted'),
    ask: make({ safety: 'strict' }),
    refusedBy: 'safety',
  },
  'setting autonomous later': { ...ceiling('balanced'), ask: set('autonomous'), refusedBy: 'safety' },
  'setting strict later': { ...ceiling('balanced'), ask: set('strict') },
  'autonomous on a resume': {
    ...ceiling('balanced'),
    ask: ({ backend, context }, { session_id }) =>
      backend.createSession(context, { resume_session_id: session_id, safety: 'autonomous' }),
    refusedBy: 'safety',
  },
};

const ALLOWS: Record<string, PolicyCase> = {
  'an allow rule within': { ...within('shell:cmd=git *'), ask: allowing('shell:cmd=git status') },
  'an allow rule with a wildcard within': {
    ...within('shell:cmd=git *'),
    ask: allowing('shell:cmd=git log *'),
  },
  'the same rule': { ...within('shell:cmd=git *'), ask: allowing('shell:cmd=git *') },
  'a wider rule': { ...within('shell:cmd=git *'), ask: allowing('shell'), refusedBy: 'client_allow' },
  'another program': {
    ...within('shell:cmd=git *'),
    ask: allowing('shell:cmd=rm x'),
    refusedBy: 'client_allow',
  },
  'a program whose name begins alike': {
    ...within('shell:cmd=git *'),
    ask: allowing('shell:cmd=gitk'),
    refusedBy: 'client_allow',
  },
  everything: { ...within('shell'), ask: allowing('*/*'), refusedBy: 'client_allow' },
  'all built-in tools': { ...within('shell'), ask: allowing('*'), refusedBy: 'client_allow' },
  'everything where everything may be': { ...within('*/*'), ask: allowing('*/*') },
  'a tool of a toolset': { ...within('github/*'), ask: allowing('github/list_issues') },
  'a tool of another toolset': {
    ...within('github/*'),
    ask: allowing('jira/list_issues'),
    refusedBy: 'client_allow',
  },
  'a toolset where built-in tools may be': {
    ...within('*'),
    ask: allowing('github/x'),
    refusedBy: 'client_allow',
  },
  'one folder of the allowed ones': {
    ...within('write_file:path=src/*'),
    ask: allowing('write_file:path=src/a.ts'),
  },
  'another folder': {
    ...within('write_file:path=src/*'),
    ask: allowing('write_file:path=docs/a.md'),
    refusedBy: 'client_allow',
  },
  'the second of two rules': {
    ...within('think'),
    ask: allowing('think', 'shell'),
    refusedBy: 'client_allow',
  },
  'any allow rule where none may be': { ...within(), ask: allowing('think'), refusedBy: 'client_allow' },
  'asks and denies': { ...within(), ask: make({ permissions: { ask: ['shell'], deny: ['fetch'] } }) },
  'edits without a question': {
    ...within('edit_file', 'write_file'),
    ask: make({ runtime_config: { accept_edits: true } }),
  },
  'edits without a question beyond it': {
    ...within('edit_file'),
    ask: make({ runtime_config: { accept_edits: true } }),
    refusedBy: 'client_allow',
  },
  'allow rules of a configuration, which are warned about': {
    ...within(),
    ask: make({ user_permissions: { allow: ['shell'] } }),
  },
  'an allow rule that is set later': {
    ...within('think'),
    given,
    ask: ({ context }, runtime) => runtime.setPermissions(context, { permissions: { allow: ['shell'] } }),
    refusedBy: 'client_allow',
  },
  'one within that is set later': {
    ...within('think'),
    given,
    ask: ({ context }, runtime) => runtime.setPermissions(context, { permissions: { allow: ['think'] } }),
  },
  'an allow rule on a resume': {
    ...within('think'),
    given,
    ask: ({ backend, context }, { session_id }) =>
      backend.createSession(context, { resume_session_id: session_id, permissions: { allow: ['shell'] } }),
    refusedBy: 'client_allow',
  },
};

const touch = (name: string) => calls('shell', { cmd: `touch ${name}` });

/** Runs one message to its end and says how each call was decided: decision, source and layer. */
async function decided({ context }: Asker, runtime: Runtime): Promise<unknown[]> {
  const events = await new Watcher(await runtime.run(context, { messages: [{ content: 'go' }] })).rest();
  return ofType(events, 'tool_call_decision').map(({ decision, source, layer }) => [decision, source, layer]);
}

export const policyRuleBehaviours: Behaviours = {
  'no mode is looser than the ceiling of a policy': async ({ open }) => {
    await runCases(await open(), SAFETY);
  },

  'allow rules of a client stay within client_allow': async ({ open }) => {
    await runCases(await open(), ALLOWS);
  },

  "the ceiling binds a team's own mode and an agent's, and it is said": async ({ open }) => {
    const world = await open([touch('a'), { text: 'done' }]);
    const loose = teamOf(['shell'], { top: ['safety: autonomous'] });
    const one = asker(world, { safety: 'balanced' });
    const runtime = await one.create({}, loose);
    expect((await runtime.open(one.context, {})).safety).toBe('balanced');
    expect(await decided(one, runtime)).toEqual([['ask', 'mode', undefined]]);
    const { backend, context } = one;
    const again = await backend.createSession(context, {
      source: { kind: 'inline', entry: 'team.yaml', files: { 'team.yaml': loose } },
      working_dir: world.folder,
    });
    expect(again.safety).toBe('balanced');
  },

  'what a policy denies is not done, what it asks is asked in every mode, what it allows runs in every mode':
    async ({ open }) => {
      const world = await open([
        touch('a'),
        { text: '1' },
        touch('b'),
        { text: '2' },
        touch('c'),
        { text: '3' },
      ]);
      const rules = { deny: { deny: ['shell'] }, ask: { ask: ['shell'] }, allow: { allow: ['shell'] } };
      const seen: unknown[] = [];
      for (const [kind, permissions] of Object.entries(rules)) {
        const one = asker(world, { permissions });
        const runtime = await one.create({
          safety: kind === 'allow' ? 'strict' : 'autonomous',
          permissions: { allow: ['shell'] },
        });
        const { layers } = await runtime.permissions(one.context, {});
        expect(layers[0]).toMatchObject({ layer: 'policy', trusted: true, rules: permissions });
        seen.push(...(await decided(one, runtime)));
      }
      expect(seen).toEqual([
        ['deny', 'deny_rule', 'policy'],
        ['ask', 'required_ask', 'policy'],
        ['allow', 'rule', 'policy'],
      ]);
    },

  'allow rules of a configuration, of a project and of a team of the client count within client_allow alone':
    async ({ open }) => {
      const both = [calls('think', { thought: 'x' }), touch('a'), { text: 'done' }];
      const world = await open([...both, ...both, ...both]);
      const rules: PolicyRules = { client_allow: ['think'], safety: 'strict' };
      const allow = ['think', 'shell'];
      const team = teamOf(['shell', 'think'], { top: ['permissions:', '  allow: [think, shell]'] });
      const asked: [CreateSessionRequest, string, string][] = [
        [{ user_permissions: { allow } }, TEAM, 'user'],
        [{ project_permissions: { allow }, project_trusted: true }, TEAM, 'project'],
        [{}, team, 'team'],
      ];
      for (const [request, text, layer] of asked) {
        const one = asker(world, rules);
        const runtime = await one.create(request, text);
        expect(await decided(one, runtime)).toEqual([
          ['allow', 'rule', layer],
          ['ask', 'mode', undefined],
        ]);
      }
    },

  'the rules that a question offers stay within client_allow, and so does its answer': async ({ open }) => {
    const world = await open([touch('a'), touch('b'), calls('shell', { cmd: 'mkdir c' }), { text: 'done' }]);
    const one = asker(world, { client_allow: ['shell:cmd=touch *'] });
    const runtime = await one.create({ unattended: 'wait' });
    const watcher = new Watcher(await runtime.run(one.context, { messages: [{ content: 'go' }] }));
    const question = await watcher.until('tool_call_confirmation');
    const request_id = String(question['request_id']);
    const offers = (question['rule_offers'] as { kind: string; rule: string }[]).map(({ kind }) => kind);
    expect(offers).toEqual(['approve_tool']);
    const [{ rule } = { rule: '' }] = question['rule_offers'] as { rule: string }[];
    await refused(
      runtime.answer(one.context, { request_id, decision: 'approve_session' }),
      'forbidden',
      /the allow rule "\*\/\*".*\(client_allow\).*touch \*/,
    );
    // Who answers is bound by its own policy too.
    const admin = asker(
      world,
      { client_allow: [] },
      { principal: 'boss', scopes: ['read', 'run', 'approve', 'admin'] },
    );
    await refused(
      admin.backend
        .session(runtime.session_id)
        .answer(admin.context, { request_id, decision: 'approve_tool', rule }),
      'forbidden',
      /client_allow/,
    );
    await runtime.answer(one.context, { request_id, decision: 'approve_tool', rule });
    const second = await watcher.until('tool_call_confirmation');
    expect(second['commands']).toEqual(['mkdir c']);
    // Nothing wider than the program may be allowed, so nothing is offered.
    expect(second['rule_offers']).toEqual([]);
    await runtime.answer(one.context, { request_id: String(second['request_id']), decision: 'reject' });
    await watcher.rest();
  },

  'whoever started a run does not answer its questions, unless its token says so': async ({ open }) => {
    const world = await open([touch('a'), { text: 'done' }, touch('b'), { text: 'done' }]);
    const plain = asker(world, {}, { principal: 'ci', approve_own: false });
    const own = asker(world, {}, { principal: 'ci', approve_own: true });
    for (const who of [own, 'admin'] as const) {
      const runtime = await plain.create({ unattended: 'wait' });
      const watcher = new Watcher(await runtime.run(plain.context, { messages: [{ content: 'go' }] }));
      const request_id = String((await watcher.until('tool_call_confirmation'))['request_id']);
      const answer = { request_id, decision: 'approve' } as const;
      await refused(
        runtime.answer(plain.context, answer),
        'forbidden',
        /ci started this run.*\(approve_own\)/,
      );
      const { backend, context } = who === 'admin' ? world : who;
      await backend.session(runtime.session_id).answer(context, answer);
      const events = await watcher.rest();
      expect(only(events, 'interaction_resolved')).toMatchObject({ by: context.principal });
    }
  },
};
