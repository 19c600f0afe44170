import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { CreateSessionRequest } from '../../../protocol/contract/payloads.ts';
import { policyFor } from '../../../protocol/policy-for.ts';
import {
  calls,
  failure,
  logOf,
  ofType,
  only,
  stopReason,
  teamOf,
  types,
  Watcher,
  type Behaviours,
} from '../support.ts';
import { asker, type Asker, OPEN, type PolicyCase, runCases, TEAM } from '../policy-cases.ts';
import type { Event, World } from '../world.ts';

const make =
  (request: CreateSessionRequest) =>
  ({ create }: Asker) =>
    create(request);
const given = make({});
const upload =
  (size: number) =>
  ({ backend, context }: Asker) =>
    backend.upload(context, { media_type: 'text/plain' }, new Uint8Array(size));
const shell: PolicyCase['ask'] = ({ context }, runtime) => runtime.shell(context, { command: 'true' });
const admin = { scopes: ['read', 'run', 'approve', 'admin'] } as const;
const iterations = { rules: { budget: { max_iterations: 5 } }, given };
const run =
  (max_iterations: number): PolicyCase['ask'] =>
  async ({ context }, runtime) => {
    await new Watcher(await runtime.run(context, { messages: [{ content: 'go' }], max_iterations })).rest();
  };

const LIMITED: Record<string, PolicyCase> = {
  'as many model calls as may be': { ...iterations, ask: make({ max_iterations: 5 }) },
  'more model calls': { ...iterations, ask: make({ max_iterations: 6 }), refusedBy: 'budget.max_iterations' },
  'model calls without a limit': {
    ...iterations,
    ask: make({ max_iterations: 0 }),
    refusedBy: 'budget.max_iterations',
  },
  'a run of so many': { ...iterations, ask: run(5) },
  'a run of more': { ...iterations, ask: run(6), refusedBy: 'budget.max_iterations' },
  'a run without a limit': { ...iterations, ask: run(0), refusedBy: 'budget.max_iterations' },
  'a resume with more': {
    ...iterations,
    ask: ({ backend, context }, { session_id }) =>
      backend.createSession(context, { resume_session_id: session_id, max_iterations: 9 }),
    refusedBy: 'budget.max_iterations',
  },
  'a smaller budget of money': {
    rules: { budget: { max_cost: 1 } },
    ask: make({ budget: { max_cost: 0.5 } }),
  },
  'a larger budget of money': {
    rules: { budget: { max_cost: 1 } },
    ask: make({ budget: { max_cost: 2 } }),
    refusedBy: 'budget.max_cost',
  },
  'a larger budget of tokens': {
    rules: { budget: { max_tokens: 10 } },
    ask: make({ budget: { max_tokens: 11 } }),
    refusedBy: 'budget.max_tokens',
  },
  'an upload': { rules: { uploads: { max_bytes: 10 } }, ask: upload(10) },
  'an upload over the limit': {
    rules: { uploads: { max_bytes: 10 } },
    ask: async (one) => {
      // Over a wire the server stops reading; here the Host says the same with the key.
      const { code } = await failure(upload(11)(one));
      expect(code).toBe('payload_too_large');
    },
  },
  "a person's own command": { ...admin, rules: { shell: true }, given, ask: shell },
  "a person's own command where none may be": { ...admin, rules: {}, given, ask: shell, refusedBy: 'shell' },
  'one of somebody without admin': { rules: { shell: true }, given, ask: shell, fails: 'forbidden' },
};

const ASK = calls('shell', { cmd: 'touch a' });
const WAIT = { safety: 'balanced', unattended: 'wait' } as const;

/** The policy of `carol` with a longest wait in milliseconds, finer than a file can say it. */
function waiting(world: World, longest_wait_ms: number): Asker {
  const one = asker(world);
  const scopes = ['read', 'run', 'approve'] as const;
  const policy = {
    ...policyFor({ principal: 'carol', scopes }, { folder: world.folder, file: OPEN }),
    longest_wait_ms,
  };
  const { backend, context } = world.as('carol', scopes, { policy, approve_own: true });
  return {
    ...one,
    backend,
    context,
    async create(request, team) {
      const { session_id } = await one.create(request, team);
      return backend.session(session_id);
    },
  };
}

async function go({ context }: Asker, runtime: Awaited<ReturnType<Asker['create']>>): Promise<Event[]> {
  return new Watcher(await runtime.run(context, { messages: [{ content: 'go' }] })).rest();
}

export const policyRunBehaviours: Behaviours = {
  'caps of a policy bound what a request may ask for': async ({ open }) => {
    await runCases(await open([{ text: 'done' }]), LIMITED);
  },

  'where a request says nothing the caps of the policy hold, and no answer and no mode raises them': async ({
    open,
  }) => {
    const think = calls('think', { thought: 'x' });
    const world = await open([think, think, think, think, think, { text: 'never' }]);
    const capped = asker(world, { budget: { max_iterations: 2 } });
    const events = await go(capped, await capped.create({ safety: 'autonomous' }));
    expect(only(events, 'stream_started')).toMatchObject({ max_iterations: 2 });
    expect([stopReason(events), world.model.journal.length]).toEqual(['max_iterations', 2]);
    const poor = asker(world, { budget: { max_tokens: 100 } });
    const spent = await go(poor, await poor.create());
    expect(stopReason(spent)).toBe('budget_exceeded');
    expect(only(spent, 'budget_exceeded')).toMatchObject({ budget: 'max_tokens', limit: 100 });
    // What raises a limit of one's own stops at the cap.
    const raised = await go(capped, await capped.create({ safety: 'autonomous', max_iterations: 1 }));
    expect([stopReason(raised), world.model.journal.length]).toEqual(['max_iterations', 5]);
    expect(ofType(raised, 'interaction_resolved')).toHaveLength(1);
  },

  'a question that nobody answers within the longest wait is refused': async ({ open }) => {
    const form = calls('user_prompt', {
      message: 'Who?',
      schema: { type: 'object', properties: { name: { type: 'string' } } },
    });
    const world = await open([
      ASK,
      { text: 'done' },
      form,
      { text: 'done' },
      calls('think', { thought: 'x' }),
    ]);
    const one = waiting(world, 50);
    const refusedCall = await go(one, await one.create(WAIT));
    expect(only(refusedCall, 'interaction_resolved')).toMatchObject({
      outcome: 'expired',
      by: 'policy',
      reason: expect.stringContaining('longest wait'),
    });
    expect(only(refusedCall, 'tool_call_response')).toMatchObject({ outcome: 'refused' });
    expect(only(refusedCall, 'stream_stopped')).toMatchObject({ reason: 'normal', refused: 1 });
    const asked = await go(one, await one.create(WAIT, teamOf(['user_prompt'])));
    expect(only(asked, 'interaction_resolved')).toMatchObject({ kind: 'elicitation', outcome: 'expired' });
    expect(only(asked, 'stream_stopped')).toMatchObject({ reason: 'normal', refused: 1 });
    const limited = await go(one, await one.create({ ...WAIT, max_iterations: 1 }));
    expect(only(limited, 'interaction_resolved')).toMatchObject({
      kind: 'max_iterations',
      outcome: 'expired',
    });
    expect(stopReason(limited)).toBe('max_iterations');
  },

  'the longest wait counts on over a restart': async ({ open }) => {
    const root = await mkdtemp(join(tmpdir(), 'yonder-wait-'));
    try {
      const kept = { data: await mkdtemp(join(root, 'data-')), folder: await mkdtemp(join(root, 'work-')) };
      const first = await open([ASK], kept);
      const before = waiting(first, 3_600_000);
      const runtime = await before.create(WAIT);
      const watcher = new Watcher(await runtime.run(before.context, { messages: [{ content: 'go' }] }));
      await watcher.until('tool_call_confirmation');
      await watcher.close();
      await first.close();
      const second = await open([{ text: 'done' }], kept);
      // What the policy of today says counts from when the question was put first.
      const after = waiting(second, 1);
      const { session_id } = runtime;
      const { recovered } = await after.backend.createSession(after.context, {
        resume_session_id: session_id,
      });
      const again = after.backend.session(session_id);
      const events = await new Watcher(
        again.follow(after.context, { after: recovered?.after ?? 0, run_id: recovered?.run_id ?? '' }),
      ).rest();
      expect(ofType(events, 'tool_call_confirmation')).toHaveLength(1);
      expect(only(events, 'interaction_resolved')).toMatchObject({ outcome: 'expired', by: 'policy' });
      expect(types(events).at(-1)).toBe('stream_stopped');
      const bounds = ofType(await logOf(second, session_id), 'settings_changed').map(({ policy }) => policy);
      expect(bounds).toEqual([undefined, { longest_wait_ms: 3_600_000 }, { longest_wait_ms: 1 }]);
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  },

  'a session is bound by the policy of its owner: today’s, whoever else sends it something': async ({
    open,
  }) => {
    const world = await open([ASK, { text: '1' }, ASK, { text: '2' }, ASK, { text: '3' }]);
    const loose = asker(world, { permissions: { allow: ['shell'] } });
    const { session_id } = await loose.create({ safety: 'autonomous' }, TEAM);
    const decisions = async (who: Pick<Asker, 'backend' | 'context'>): Promise<unknown> => {
      const stream = await who.backend
        .session(session_id)
        .run(who.context, { messages: [{ content: 'go' }] });
      const events = await new Watcher(stream).rest();
      return only(events, 'tool_call_decision')['decision'];
    };
    expect(await decisions(loose)).toBe('allow');
    expect(await decisions(asker(world, { permissions: { deny: ['shell'] } }))).toBe('deny');
    // The local user has no policy, and is not the owner.
    expect(await decisions(world)).toBe('deny');
  },
};
