import { expect } from 'vitest';
import { lastRequest, ofType, stopReason, teamOf, Watcher, type Behaviours } from '../support.ts';

const SLOW = { text: 'a summary', delay_ms: 40, delta_size: 1 };

export const whileCompactingBehaviours: Behaviours = {
  'a steer and a follow-up that come while a person has the session compacted are taken after it, in one run':
    async ({ open }) => {
      const world = await open([{ text: 'first' }, SLOW, { text: 'steered' }, { text: 'followed' }]);
      const runtime = await world.session(teamOf());
      await world.run(runtime, 'hello');
      const { run_id } = await runtime.compact(world.context, {});
      const watcher = new Watcher(runtime.follow(world.context, { run_id }));
      await watcher.until('model_call', (event) => event['run_id'] === run_id);
      await runtime.steer(world.context, { messages: [{ content: 'to the left' }] });
      await runtime.followUp(world.context, { messages: [{ content: 'and then' }] });
      const events = await watcher.rest();
      expect(stopReason(events)).toBe('normal');
      expect(ofType(events, 'session_summary')).toHaveLength(1);
      const calls = ofType(events, 'model_call').filter((event) => event['run_id'] === run_id);
      expect(calls.map(({ purpose }) => purpose)).toEqual(['compaction', 'turn', 'turn']);
      const summary = events.findIndex(({ type }) => type === 'session_summary');
      expect(events.findIndex(({ message }) => message === 'to the left')).toBeGreaterThan(summary);
      expect(
        lastRequest(world)
          .map(({ text }) => text)
          .slice(-3),
      ).toEqual(['to the left', 'steered', 'and then']);
      expect((await runtime.open(world.context, {})).session.state).toBe('idle');
    },

  'a follow-up alone is taken after a compaction too': async ({ open }) => {
    const world = await open([{ text: 'first' }, SLOW, { text: 'followed' }]);
    const runtime = await world.session(teamOf());
    await world.run(runtime, 'hello');
    const { run_id } = await runtime.compact(world.context, {});
    const watcher = new Watcher(runtime.follow(world.context, { run_id }));
    await watcher.until('model_call', (event) => event['run_id'] === run_id);
    await runtime.followUp(world.context, { messages: [{ content: 'and then' }] });
    expect(stopReason(await watcher.rest())).toBe('normal');
    expect(lastRequest(world).at(-1)?.text).toBe('and then');
  },
};
