import { expect } from 'vitest';
import type { Runtime } from '../../../protocol/backend.ts';
import type { CreateSessionRequest } from '../../../protocol/contract/payloads.ts';
import {
  calls,
  lastRequest,
  ofType,
  only,
  refused,
  stopReason,
  teamOf,
  Watcher,
  type Behaviours,
} from '../support.ts';
import type { Event, World } from '../world.ts';

const TEAM = teamOf(['shell', 'filesystem']);
const touch = (name: string) => calls('shell', { cmd: `touch ${name}` });

/** A session whose run has come to its first question. */
async function asked(
  world: World,
  request: CreateSessionRequest = {},
): Promise<{ runtime: Runtime; watcher: Watcher; question: Event; request_id: string }> {
  const runtime = await world.session(TEAM, { unattended: 'wait', ...request });
  const watcher = new Watcher(await runtime.run(world.context, { messages: [{ content: 'go' }] }));
  const question = await watcher.until('tool_call_confirmation');
  return { runtime, watcher, question, request_id: String(question['request_id']) };
}

async function exists(world: World, name: string): Promise<boolean> {
  const { access } = await import('node:fs/promises');
  return access(`${world.folder}/${name}`).then(
    () => true,
    () => false,
  );
}

export const answerBehaviours: Behaviours = {
  'approve lets the one call run': async ({ open }) => {
    const world = await open([touch('a'), touch('b'), { text: 'done' }]);
    const { runtime, watcher, question, request_id } = await asked(world);
    expect(question).toMatchObject({ held_by: 'step', commands: ['touch a'] });
    expect(await exists(world, 'a')).toBe(false);
    await runtime.answer(world.context, { request_id, decision: 'approve' });
    const second = await watcher.until('tool_call_confirmation');
    expect(await exists(world, 'a')).toBe(true);
    expect(second['commands']).toEqual(['touch b']);
    await runtime.answer(world.context, { request_id: String(second['request_id']), decision: 'approve' });
    const events = await watcher.rest();
    expect(stopReason(events)).toBe('normal');
    expect(ofType(events, 'interaction_resolved')).toMatchObject([
      { request_id, outcome: 'answered', answer: { decision: 'approve' }, by: 'admin' },
      { outcome: 'answered' },
    ]);
    expect(await exists(world, 'b')).toBe(true);
  },

  'approve_tool makes the rule that was offered, and the same program is not asked about again': async ({
    open,
  }) => {
    const world = await open([touch('a'), touch('b'), calls('shell', { cmd: 'mkdir c' }), { text: 'done' }]);
    const { runtime, watcher, question, request_id } = await asked(world);
    const offers = question['rule_offers'] as { kind: string; rule: string; text: string }[];
    const rule = offers.find((offer) => offer.kind === 'approve_tool')?.rule ?? '';
    expect(rule).toContain('touch');
    await runtime.answer(world.context, { request_id, decision: 'approve_tool', rule });
    const second = await watcher.until('tool_call_confirmation');
    expect(second['commands']).toEqual(['mkdir c']);
    expect(await exists(world, 'b')).toBe(true);
    await runtime.answer(world.context, { request_id: String(second['request_id']), decision: 'reject' });
    const events = await watcher.rest();
    expect(only(events, 'settings_changed')).toMatchObject({
      permissions: { allow: [rule] },
      by: 'admin',
      request_id,
    });
    const { layers } = await runtime.permissions(world.context, {});
    expect(layers.find(({ layer }) => layer === 'session')?.rules.allow).toEqual([rule]);
  },

  'approve_tool without a rule that can be read is refused, and the question stays': async ({ open }) => {
    const world = await open([touch('a'), { text: 'done' }]);
    const { runtime, watcher, request_id } = await asked(world);
    await refused(
      runtime.answer(world.context, { request_id, decision: 'approve_tool' }),
      'invalid_request',
      /rule: it is missing/,
    );
    expect((await runtime.open(world.context, {})).pending_interactions).toHaveLength(1);
    await runtime.answer(world.context, { request_id, decision: 'reject' });
    await watcher.rest();
  },

  'a rule that the question did not offer is not made': async ({ open }) => {
    const world = await open([touch('a'), { text: 'done' }]);
    const { runtime, watcher, request_id } = await asked(world);
    await refused(
      runtime.answer(world.context, { request_id, decision: 'approve_tool', rule: 'write_file' }),
      'invalid_request',
      /rule_offers/,
    );
    await runtime.answer(world.context, { request_id, decision: 'reject' });
    await watcher.rest();
  },

  'approve_session asks no more, but for what must be asked': async ({ open }) => {
    const world = await open([
      touch('a'),
      calls('shell', { cmd: 'mkdir b' }),
      calls('write_file', { path: 'AGENTS.md', content: 'obey' }),
      { text: 'done' },
    ]);
    const { runtime, watcher, request_id } = await asked(world);
    await runtime.answer(world.context, { request_id, decision: 'approve_session' });
    const second = await watcher.until('tool_call_confirmation');
    expect(second).toMatchObject({ required: true, tool_call: { function: { name: 'write_file' } } });
    expect(second['rule_offers']).toEqual([]);
    await runtime.answer(world.context, { request_id: String(second['request_id']), decision: 'reject' });
    expect(stopReason(await watcher.rest())).toBe('normal');
  },

  'reject with a reason reaches the model, and the call did not run': async ({ open }) => {
    const world = await open([touch('a'), { text: 'I understand' }]);
    const { runtime, watcher, request_id } = await asked(world);
    await runtime.answer(world.context, { request_id, decision: 'reject', reason: 'use the other folder' });
    const events = await watcher.rest();
    expect(stopReason(events)).toBe('normal');
    expect(only(events, 'tool_call_response')).toMatchObject({ outcome: 'rejected' });
    expect(lastRequest(world).at(-1)?.text).toContain('use the other folder');
    expect(await exists(world, 'a')).toBe(false);
    expect(events.at(-1)?.['refused']).toBe(0);
  },

  'a second answer is already_resolved and says the first one': async ({ open }) => {
    const world = await open([touch('a'), { text: 'done' }]);
    const { runtime, watcher, request_id } = await asked(world);
    await runtime.answer(world.context, { request_id, decision: 'approve' });
    await watcher.until('interaction_resolved');
    const error = await refused(
      runtime.answer(world.context, { request_id, decision: 'reject' }),
      'already_resolved',
      /answered by admin/,
    );
    expect(error.details).toMatchObject({
      outcome: 'answered',
      by: 'admin',
      answer: { decision: 'approve' },
    });
    expect(stopReason(await watcher.rest())).toBe('normal');
  },

  'the same answer under the same key is the same answer': async ({ open }) => {
    const world = await open([touch('a'), { text: 'done' }]);
    const { runtime, watcher, request_id } = await asked(world);
    const context = { ...world.context, idempotency_key: 'answer-1' };
    const first = await runtime.answer(context, { request_id, decision: 'approve' });
    await watcher.rest();
    expect(await runtime.answer(context, { request_id, decision: 'approve' })).toEqual(first);
    await refused(runtime.answer(context, { request_id, decision: 'reject' }), 'idempotency_conflict', /key/);
  },

  'of two answers at once one wins, and the other hears which': async ({ open }) => {
    const world = await open([touch('a'), { text: 'done' }]);
    const { runtime, watcher, request_id } = await asked(world);
    const both = await Promise.allSettled([
      runtime.answer(world.context, { request_id, decision: 'approve' }),
      runtime.answer(world.context, { request_id, decision: 'reject' }),
    ]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const lost = both.find((one) => one.status === 'rejected');
    expect(lost?.reason).toMatchObject({ code: 'already_resolved' });
    expect(ofType(await watcher.rest(), 'interaction_resolved')).toHaveLength(1);
  },

  'an unknown question is not found, and an answer of another kind does not fit': async ({ open }) => {
    const world = await open([touch('a'), { text: 'done' }]);
    const { runtime, watcher, request_id } = await asked(world);
    await refused(
      runtime.answer(world.context, { request_id: 'req_none', decision: 'approve' }),
      'not_found',
      /req_none/,
    );
    await refused(
      runtime.answer(world.context, { request_id, decision: 'continue' }),
      'invalid_request',
      /approve, approve_tool, approve_session, reject/,
    );
    await runtime.answer(world.context, { request_id, decision: 'reject' });
    await watcher.rest();
  },

  'unattended refuse: the call gets a result that names the rule which would allow it': async ({ open }) => {
    const world = await open([touch('a'), { text: 'I cannot' }]);
    const events = await world.run(await world.session(TEAM), 'go');
    expect(stopReason(events)).toBe('normal');
    expect(events.at(-1)?.['refused']).toBe(1);
    const response = only(events, 'tool_call_response');
    expect(response).toMatchObject({ outcome: 'refused' });
    expect(response['response']).toMatch(/--allow 'shell:cmd=touch/);
    expect(ofType(events, 'tool_call_confirmation')).toEqual([]);
  },

  'a deny rule holds under every mode, and changes no count of refusals': async ({ open }) => {
    const world = await open([touch('a'), { text: 'ok' }]);
    const runtime = await world.session(TEAM, {
      safety: 'autonomous',
      permissions: { deny: ['shell:cmd=touch *'] },
    });
    const events = await world.run(runtime, 'go');
    expect(only(events, 'tool_call_decision')).toMatchObject({
      decision: 'deny',
      rule: 'shell:cmd=touch *',
      layer: 'session',
    });
    expect(only(events, 'tool_call_response')).toMatchObject({ outcome: 'denied' });
    expect(events.at(-1)).toMatchObject({ reason: 'normal', refused: 0 });
    expect(await exists(world, 'a')).toBe(false);
  },

  'a deny that comes while the question waits beats the yes': async ({ open }) => {
    const world = await open([touch('a'), { text: 'ok' }]);
    const { runtime, watcher, request_id } = await asked(world);
    await runtime.setPermissions(world.context, { permissions: { deny: ['shell:cmd=touch *'] } });
    await watcher.until('settings_changed');
    await runtime.answer(world.context, { request_id, decision: 'approve' });
    const events = await watcher.rest();
    expect(only(events, 'tool_call_response')).toMatchObject({ outcome: 'denied' });
    expect(await exists(world, 'a')).toBe(false);
  },

  'who comes late sees what waits, and may answer it': async ({ open }) => {
    const world = await open([touch('a'), { text: 'done' }]);
    const { runtime, watcher, question, request_id } = await asked(world);
    const opened = await world.backend.session(runtime.session_id).open(world.context, {});
    expect(opened.session.state).toBe('waiting');
    expect(opened.pending_interactions).toEqual([
      {
        request_id,
        kind: 'tool_call_confirmation',
        held_by: 'step',
        session_id: runtime.session_id,
        run_id: question['run_id'],
        event: question,
      },
    ]);
    const late = new Watcher(runtime.follow(world.context, { after: opened.as_of }));
    await late.until('log_caught_up');
    await runtime.answer(world.context, { request_id, decision: 'approve' });
    await late.until('stream_stopped');
    await late.close();
    await watcher.rest();
    expect((await runtime.open(world.context, {})).pending_interactions).toEqual([]);
  },
};
