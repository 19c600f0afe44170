import { expect } from 'vitest';
import type { Runtime } from '../../../protocol/backend.ts';
import {
  calls,
  lastRequest,
  logOf,
  ofType,
  only,
  refused,
  stopReason,
  teamOf,
  Watcher,
  type Behaviours,
} from '../support.ts';
import type { World } from '../world.ts';

const TEAM = teamOf(['shell', 'think']);
const TWO = TEAM.replace(
  'agents:\n',
  'agents:\n  other:\n    model: openai/gpt-4o-mini\n    description: Another\n    instruction: Be other.\n',
);
const touch = calls('shell', { cmd: 'touch a' });

/** A run that stands at a question, so that inputs queue up. */
async function held(
  world: World,
): Promise<{ runtime: Runtime; watcher: Watcher; release: () => Promise<void> }> {
  const runtime = await world.session(TEAM, { unattended: 'wait' });
  const watcher = new Watcher(await runtime.run(world.context, { messages: [{ content: 'go' }] }));
  const request_id = String((await watcher.until('tool_call_confirmation'))['request_id']);
  const release = async () => {
    await runtime.answer(world.context, { request_id, decision: 'reject' });
  };
  return { runtime, watcher, release };
}

const users = (world: World) =>
  lastRequest(world)
    .filter(({ role }) => role === 'user')
    .map(({ text }) => text);

export const inputBehaviours: Behaviours = {
  'a steer enters only before a model call, behind the results of the turn': async ({ open }) => {
    const world = await open([
      { tool_calls: [touch, calls('think', { thought: 'x' })].flatMap((turn) => turn.tool_calls ?? []) },
      { text: 'steered' },
    ]);
    const { runtime, watcher, release } = await held(world);
    const sent = await runtime.steer(world.context, { messages: [{ content: 'to the left' }] });
    expect(sent).toEqual({ input_id: expect.stringMatching(/^inp_/) });
    await release();
    const events = await watcher.rest();
    expect(stopReason(events)).toBe('normal');
    const steer = events.findIndex((event) => event['source'] === 'steer');
    const lastResult = events.findLastIndex((event) => event.type === 'tool_call_response');
    const secondCall = events.findLastIndex((event) => event.type === 'model_call');
    expect(lastResult).toBeLessThan(steer);
    expect(steer).toBeLessThan(secondCall);
    expect(users(world)).toEqual(['go', 'to the left']);
  },

  'a follow-up waits for the natural stop and goes on in the same run': async ({ open }) => {
    const world = await open([touch, { text: 'first' }, { text: 'second' }]);
    const { runtime, watcher, release } = await held(world);
    await runtime.followUp(world.context, { messages: [{ content: 'and then' }] });
    await release();
    const events = await watcher.rest();
    expect(ofType(events, 'stream_stopped')).toHaveLength(1);
    const texts = ofType(events, 'message_added').map(
      (event) => (event['message'] as { content: string }).content,
    );
    expect(texts.slice(1)).toEqual(['first', 'second']);
    expect(users(world)).toEqual(['go', 'and then']);
  },

  'a steer to an idle session starts a run, and says so': async ({ open }) => {
    const world = await open([{ text: 'awake' }]);
    const runtime = await world.session(TEAM);
    const watcher = new Watcher(runtime.follow(world.context, {}));
    await watcher.until('log_caught_up');
    const sent = await runtime.steer(world.context, { messages: [{ content: 'wake up' }] });
    const started = await watcher.until('stream_started');
    expect(sent.started_run).toBe(started['run_id']);
    expect(await watcher.until('stream_stopped')).toMatchObject({
      run_id: sent.started_run,
      reason: 'normal',
    });
    await watcher.close();
  },

  'a follow-up to an idle session starts a run too': async ({ open }) => {
    const world = await open([{ text: 'awake' }]);
    const runtime = await world.session(TEAM);
    const watcher = new Watcher(runtime.follow(world.context, {}));
    const sent = await runtime.followUp(world.context, { messages: [{ content: 'wake up' }] });
    expect(await watcher.until('stream_stopped')).toMatchObject({ run_id: sent.started_run });
    await watcher.close();
  },

  'a full queue is refused, naming its capacity, and its depth is told': async ({ open }) => {
    const world = await open([touch, { text: 'ok' }]);
    const { runtime, watcher, release } = await held(world);
    for (let index = 0; index < 5; index += 1)
      await runtime.steer(world.context, { messages: [{ content: `steer ${index}` }] });
    expect(await runtime.queue(world.context, {})).toMatchObject({
      steer: { depth: 5, capacity: 5 },
      followup: { depth: 0, capacity: 20 },
    });
    const error = await refused(
      runtime.steer(world.context, { messages: [{ content: 'too many' }] }),
      'queue_full',
      /^5 inputs of kind steer wait.*the most/,
    );
    expect([error.retryable, error.details]).toEqual([true, { kind: 'steer', limit: 5, depth: 5 }]);
    await release();
    expect(stopReason(await watcher.rest())).toBe('normal');
    expect(users(world)).toEqual(['go', 'steer 0', 'steer 1', 'steer 2', 'steer 3', 'steer 4']);
    expect((await runtime.queue(world.context, {})).steer.depth).toBe(0);
  },

  'the 21st follow-up is refused with kind, limit and depth, and the 20 before it come back in order':
    async ({ open }) => {
      const world = await open([touch]);
      const { runtime, watcher } = await held(world);
      const names = Array.from({ length: 20 }, (_, index) => `follow-up ${index}`);
      for (const content of names) await runtime.followUp(world.context, { messages: [{ content }] });
      const error = await refused(
        runtime.followUp(world.context, { messages: [{ content: 'one more' }] }),
        'queue_full',
        /^20 inputs of kind follow_up wait/,
      );
      expect(error.details).toEqual({ kind: 'follow_up', limit: 20, depth: 20 });
      await runtime.interrupt(world.context, {});
      const { undelivered } = (await watcher.rest()).at(-1) as unknown as {
        undelivered: { content: string }[];
      };
      expect(undelivered.map(({ content }) => content)).toEqual(names);
    },

  'a pause that holds already changes nothing, and says so; so does letting go on what goes on': async ({
    open,
  }) => {
    const world = await open([{ text: 'ok' }]);
    const runtime = await world.session(TEAM);
    const pause = async (paused: boolean) => (await runtime.pause(world.context, { paused })).was_paused;
    expect([await pause(false), await pause(true), await pause(true)]).toEqual([false, false, true]);
    await expect.poll(async () => (await runtime.open(world.context, {})).paused).toBe(true);
    const watcher = new Watcher(await runtime.run(world.context, { messages: [{ content: 'go' }] }));
    await watcher.until('stream_started');
    expect(await pause(false)).toBe(true);
    expect(stopReason(await watcher.rest())).toBe('normal');
    const log = await logOf(world, runtime.session_id);
    expect(ofType(log, 'runtime_paused').map(({ paused }) => paused)).toEqual([true, false]);
  },

  'a steer that is repeated under its key is there once': async ({ open }) => {
    const world = await open([touch, { text: 'ok' }]);
    const { runtime, watcher, release } = await held(world);
    const context = { ...world.context, idempotency_key: 'steer-1' };
    const first = await runtime.steer(context, { messages: [{ content: 'once' }] });
    expect(await runtime.steer(context, { messages: [{ content: 'once' }] })).toEqual(first);
    await refused(
      runtime.steer(context, { messages: [{ content: 'twice' }] }),
      'idempotency_conflict',
      /key/,
    );
    await release();
    await watcher.rest();
    expect(users(world)).toEqual(['go', 'once']);
  },

  'a paused run holds at its next boundary and goes on when it is let': async ({ open }) => {
    const world = await open([touch, { text: 'ok' }]);
    const { runtime, watcher, release } = await held(world);
    expect(await runtime.pause(world.context, { paused: true })).toMatchObject({ paused: true });
    await watcher.until('runtime_paused');
    await release();
    await watcher.until('tool_call_response');
    expect((await runtime.open(world.context, {})).paused).toBe(true);
    expect(world.model.journal).toHaveLength(1);
    await runtime.pause(world.context, { paused: false });
    const events = await watcher.rest();
    expect(stopReason(events)).toBe('normal');
    expect(ofType(events, 'runtime_paused').map((event) => event['paused'])).toEqual([true, false]);
    const resumed = events.findLastIndex((event) => event.type === 'runtime_paused');
    expect(events.findLastIndex((event) => event.type === 'model_call')).toBeGreaterThan(resumed);
  },

  'another agent takes the next turn; an unknown one lists the valid ones': async ({ open }) => {
    const world = await open([{ text: 'I am other' }]);
    const runtime = await world.session(TWO, { agent_name: 'root' });
    const error = await refused(
      runtime.setAgent(world.context, { agent_name: 'nobody' }),
      'not_found',
      /nobody.*other, root/,
    );
    expect(error.details).toEqual({ agents: ['other', 'root'] });
    expect(await runtime.setAgent(world.context, { agent_name: 'other' })).toMatchObject({
      agent_name: 'other',
    });
    const events = await world.run(runtime, 'who are you?');
    expect(only(events, 'stream_started')['agent_name']).toBe('other');
    expect((await runtime.agentInfo(world.context, {})).name).toBe('other');
    expect(world.model.journal[0]?.body['model']).toBe('gpt-4o-mini');
  },

  'a model that is set is called, and the empty word resets it': async ({ open }) => {
    const world = await open([{ text: 'a' }, { text: 'b' }]);
    const runtime = await world.session(TEAM);
    await refused(runtime.setModel(world.context, { model: 'nonsense' }), 'model_unavailable', /nonsense/);
    await refused(
      runtime.setModel(world.context, { model: 'openai/gpt-4o', agent_name: 'nobody' }),
      'not_found',
      /nobody.*root/,
    );
    await runtime.setModel(world.context, { model: 'anthropic/claude-sonnet-4-5' });
    await world.run(runtime, 'one');
    expect(world.model.journal.at(-1)?.wire).toBe('anthropic');
    expect((await runtime.agentInfo(world.context, {})).model).toBe('anthropic/claude-sonnet-4-5');
    await runtime.setModel(world.context, { model: '' });
    await world.run(runtime, 'two');
    expect(world.model.journal.at(-1)?.body['model']).toBe('gpt-4o');
    expect((await runtime.agentInfo(world.context, {})).model).toBe('openai/gpt-4o');
  },

  'a model without its key cannot be set': async ({ open }) => {
    const world = await open([], { env: { ANTHROPIC_API_KEY: undefined } });
    const runtime = await world.session(TEAM);
    await refused(
      runtime.setModel(world.context, { model: 'anthropic/claude-sonnet-4-5' }),
      'model_unavailable',
      /ANTHROPIC_API_KEY/,
    );
  },

  'rules that are set count from the next call on, and stand in the log with who set them': async ({
    open,
  }) => {
    const world = await open([touch, { text: 'ok' }]);
    const runtime = await world.session(TEAM);
    await refused(
      runtime.setPermissions(world.context, { permissions: { deny: [''] } }),
      'invalid_request',
      /permissions/,
    );
    await runtime.setPermissions(world.context, { permissions: { allow: ['shell:cmd=touch *'] } });
    const events = await world.run(runtime, 'go');
    expect(only(events, 'tool_call_response')).toMatchObject({ outcome: 'done' });
    const changed = ofType(await logOf(world, runtime.session_id), 'settings_changed').at(-1);
    expect(changed).toMatchObject({ permissions: { allow: ['shell:cmd=touch *'] }, by: 'admin' });
  },

  'a mode that is set counts from the next call on': async ({ open }) => {
    const world = await open([touch, { text: 'ok' }]);
    const runtime = await world.session(TEAM, { unattended: 'wait' });
    expect(await runtime.setSafety(world.context, { safety: 'restricted' })).toMatchObject({
      safety: 'restricted',
    });
    const events = await world.run(runtime, 'go');
    expect(only(events, 'tool_call_response')['outcome']).toMatch(/refused|denied/);
    const { safety } = await runtime.permissions(world.context, {});
    expect(safety).toBe('restricted');
  },

  'a title and a star are set, and shown': async ({ open }) => {
    const world = await open();
    const runtime = await world.session(TEAM);
    const watcher = new Watcher(runtime.follow(world.context, {}));
    await runtime.setTitle(world.context, { title: 'Another title' });
    expect(await watcher.until('session_title')).toMatchObject({ title: 'Another title' });
    await runtime.setStarred(world.context, { starred: true });
    await watcher.until('input_taken', (event) => event['kind'] === 'star');
    await watcher.close();
    const { session } = await runtime.open(world.context, {});
    expect(session).toMatchObject({ title: 'Another title', starred: true });
  },
};
