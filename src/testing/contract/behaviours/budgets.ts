import { expect } from 'vitest';
import { calls, ofType, only, refused, stopReason, teamOf, types, type Behaviours } from '../support.ts';

const CALL = calls('create_todos', { descriptions: ['a'] });
const TEAM = teamOf(['todo']);
const usage = (input: number, output = 0) => ({ usage: { input, output } });

export const budgetBehaviours: Behaviours = {
  'a budget of tokens is warned about at 80 %, once, and ends the run before the next call': async ({
    open,
  }) => {
    const world = await open([
      { ...CALL, ...usage(700) },
      { ...calls('list_todos', {}), ...usage(130) },
      { ...calls('create_todos', { descriptions: ['b'] }), ...usage(90) },
      { ...calls('list_todos', {}), ...usage(80) },
      { text: 'never' },
    ]);
    const runtime = await world.session(TEAM, { budget: { max_tokens: 1000 } });
    const events = await world.run(runtime, 'go');
    expect(stopReason(events)).toBe('budget_exceeded');
    expect(only(events, 'budget_usage')).toMatchObject({ budget: 'max_tokens', used: 830, limit: 1000 });
    expect(only(events, 'budget_exceeded')).toMatchObject({ budget: 'max_tokens', used: 1000, limit: 1000 });
    expect(world.model.journal).toHaveLength(4);
    const again = await world.run(runtime, 'and now?');
    expect([stopReason(again), ofType(again, 'model_call')]).toEqual(['budget_exceeded', []]);
    expect(world.model.journal).toHaveLength(4);
  },

  'one budget holds for the tree, and a resume with a higher one goes on': async ({ open }) => {
    const team = teamOf([], { agent: ['sub_agents: [helper]'] }).concat(
      '  helper:\n    model: openai/gpt-4o\n    description: Helps\n    instruction: Help.\n',
    );
    const world = await open([
      { ...calls('transfer_task', { agent: 'helper', task: 'help me' }), ...usage(100) },
      { text: 'helped', ...usage(900) },
      { text: 'done', ...usage(10) },
    ]);
    const runtime = await world.session(team, { budget: { max_tokens: 1000 } });
    expect(stopReason(await world.run(runtime, 'go'))).toBe('budget_exceeded');
    expect(world.model.journal).toHaveLength(2);
    const resumed = await world.backend.createSession(world.context, {
      resume_session_id: runtime.session_id,
      budget: { max_tokens: 5000 },
    });
    expect(resumed.session_id).toBe(runtime.session_id);
    expect(stopReason(await world.run(runtime, 'go on'))).toBe('normal');
  },

  'a budget of money counts what is known, and says at once what is not': async ({ open }) => {
    const world = await open([CALL, { text: 'never' }, CALL, { text: 'done' }]);
    const runtime = await world.session(TEAM, { budget: { max_cost: 0.0004 } });
    const events = await world.run(runtime, 'go');
    expect(stopReason(events)).toBe('budget_exceeded');
    expect(only(events, 'budget_exceeded')).toMatchObject({ budget: 'max_cost', limit: 0.0004 });
    expect(ofType(events, 'warning')).toEqual([]);
    const unknown = await world.session(teamOf([], { model: 'openai/no-such-model' }), {
      budget: { max_cost: 1 },
    });
    const said = await world.run(unknown, 'go');
    expect(only(said, 'warning')['message']).toMatch(/price of openai\/no-such-model is not known/);
    expect(types(said).indexOf('warning')).toBeLessThan(types(said).indexOf('model_call'));
    const refusal = world.session(TEAM, { budget: { max_time_ms: 5 } });
    await refused(refusal, 'unsupported', /budget of time.*timeout_ms/);
  },

  'usage is told per model, agent and turn, sub-agents apart, and the same after a resume': async ({
    open,
  }) => {
    const team = teamOf([], { agent: ['sub_agents: [helper]'] }).concat(
      '  helper:\n    model: openai/gpt-4o-mini\n    description: Helps\n    instruction: Help.\n',
    );
    const world = await open([
      calls('transfer_task', { agent: 'helper', task: 'help me' }),
      { text: 'helped', ...usage(50, 5) },
      { text: 'done' },
      { text: 'A fine title' },
    ]);
    const runtime = await world.session(team);
    await world.run(runtime, 'go');
    const before = await runtime.usage(world.context, {});
    expect(before.models.map(({ model, calls: made }) => [model, made])).toEqual([
      ['openai/gpt-4o', 2],
      ['openai/gpt-4o-mini', 1],
    ]);
    expect(before.agents.map(({ agent_name, sub, input_tokens }) => [agent_name, sub, input_tokens])).toEqual(
      [
        ['root', false, 200],
        ['helper', true, 50],
      ],
    );
    expect(before.turns.map(({ turn, calls: made, input_tokens }) => [turn, made, input_tokens])).toEqual([
      [1, 2, 150],
      [2, 1, 100],
    ]);
    const sum = before.turns.reduce((total, { cost }) => total + cost, 0);
    expect(before.cost).toBeCloseTo(sum, 12);
    await runtime.regenerateTitle(world.context, {});
    await expect.poll(async () => (await runtime.open(world.context, {})).session.title).toBe('A fine title');
    const after = await runtime.usage(world.context, {});
    expect(after.turns[0]).toMatchObject({ turn: 0, calls: 1, input_tokens: 100 });
    expect(after.cost).toBeGreaterThan(before.cost);
    const { session } = await runtime.open(world.context, {});
    expect([session.cost, session.input_tokens]).toEqual([after.cost, after.input_tokens]);
  },
};
