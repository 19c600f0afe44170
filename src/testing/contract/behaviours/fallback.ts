import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { ScriptedTurn } from '../../model-server/script.ts';
import { calls, logOf, ofType, only, stopReason, teamOf, Watcher, type Behaviours } from '../support.ts';
import type { Event, World } from '../world.ts';

const FALLBACK = ['fallback:', '  models: [anthropic/claude-haiku-4-5, openai/gpt-4o-mini]'];
const TEAM = teamOf(['think'], { agent: FALLBACK });
const BUSY: ScriptedTurn = { status: 429, error: { message: 'slow down' } };
const DOWN: ScriptedTurn = { status: 503, error: { message: 'overloaded' } };

/** The models that were asked, in order. */
function asked(world: World, from = 0): unknown[] {
  return world.model.journal.slice(from).map(({ body }) => body['model']);
}

function answers(events: readonly Event[]): Record<string, unknown>[] {
  return ofType(events, 'message_added').map((event) => event['message'] as Record<string, unknown>);
}

/** Two worlds over one store, one after the other. */
async function kept(body: (data: { data: string; folder: string }) => Promise<void>): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'yonder-fallback-'));
  try {
    await body({
      data: await mkdtemp(join(root, 'data-')),
      folder: await mkdtemp(join(root, 'work-')),
    });
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

export const fallbackBehaviours: Behaviours = {
  'a refusal goes to the next model at once, whose price is the one that is counted': async ({ open }) => {
    const world = await open([BUSY, { text: 'from another', usage: { input: 1000, output: 100 } }]);
    const events = await world.run(await world.session(TEAM), 'hello');
    expect(stopReason(events)).toBe('normal');
    expect(asked(world)).toEqual(['gpt-4o', 'claude-haiku-4-5']);
    expect(only(events, 'model_fallback')).toMatchObject({
      failed_model: 'openai/gpt-4o',
      fallback_model: 'anthropic/claude-haiku-4-5',
      primary_model: 'openai/gpt-4o',
      reason: expect.stringContaining('slow down'),
      attempt: 1,
      max_attempts: 9,
      cooldown_ms: 60_000,
      seq: expect.any(Number),
    });
    const [answer] = answers(events);
    expect(answer).toMatchObject({ content: 'from another', model: 'anthropic/claude-haiku-4-5' });
    // A dollar per million in, five out; the primary's would be 0.0035.
    expect(answer?.['cost']).toBeCloseTo(0.0015, 10);
    expect(ofType(events, 'error')).toEqual([]);
  },

  'what a failed attempt had shown is void, and nothing of it is doubled': async ({ open }) => {
    const cut: ScriptedTurn = { text: 'half of an answer that breaks off', cut_after: 3 };
    const world = await open([cut, cut, cut, { text: 'whole' }]);
    const runtime = await world.session(TEAM);
    const watcher = new Watcher(await runtime.run(world.context, { messages: [{ content: 'go' }] }));
    const events = await watcher.rest();
    expect(asked(world)).toEqual(['gpt-4o', 'gpt-4o', 'gpt-4o', 'claude-haiku-4-5']);
    expect(only(events, 'model_fallback')).toMatchObject({ attempt: 3 });
    expect(only(events, 'model_fallback')['cooldown_ms']).toBeUndefined();
    expect(answers(events).map(({ content }) => content)).toEqual(['whole']);
    const { messages } = await runtime.transcript(world.context, {});
    expect(messages.map(({ content }) => content)).toEqual(['go', 'whole']);
    const attempts = ofType(events, 'model_call').map((event) => [event['attempt'], event['model']]);
    expect(attempts).toEqual([
      [1, 'openai/gpt-4o'],
      [2, 'openai/gpt-4o'],
      [3, 'openai/gpt-4o'],
      [4, 'anthropic/claude-haiku-4-5'],
    ]);
    const shown = ofType(events, 'agent_choice').filter((event) => event['attempt'] === 4);
    expect(shown.map((event) => event['content']).join('')).toBe('whole');
  },

  'the fallback that answered is asked at once until the cooldown is over, in another process too': async ({
    open,
  }) => {
    await kept(async (place) => {
      const first = await open([BUSY, { text: 'one' }, { text: 'two' }], place);
      const runtime = await first.session(TEAM);
      await first.run(runtime, 'hello');
      await first.run(runtime, 'again');
      expect(asked(first)).toEqual(['gpt-4o', 'claude-haiku-4-5', 'claude-haiku-4-5']);
      await first.close();
      const second = await open([{ text: 'three' }], place);
      const resumed = await second.session(TEAM, { resume_session_id: runtime.session_id });
      const events = await second.run(resumed, 'and again');
      expect(stopReason(events)).toBe('normal');
      expect(asked(second)).toEqual(['claude-haiku-4-5']);
    });
  },

  'without a cooldown the first model is asked again each turn': async ({ open }) => {
    const team = teamOf([], { agent: [...FALLBACK, '  cooldown: 0'] });
    const world = await open([BUSY, { text: 'one' }, { text: 'two' }]);
    const runtime = await world.session(team);
    await world.run(runtime, 'hello');
    await world.run(runtime, 'again');
    expect(asked(world)).toEqual(['gpt-4o', 'claude-haiku-4-5', 'gpt-4o']);
  },

  'a call that is cut while a fallback answers goes on with that fallback': async ({ open }) => {
    await kept(async (place) => {
      const first = await open([BUSY, { hang_after: 'before' }], place);
      const runtime = await first.session(TEAM);
      const watcher = new Watcher(await runtime.run(first.context, { messages: [{ content: 'go' }] }));
      await watcher.until('model_call', (event) => event['model'] === 'anthropic/claude-haiku-4-5');
      await watcher.close();
      await first.close();
      const second = await open([{ text: 'after the crash' }, { text: 'pinned' }], place);
      const resumed = await second.session(TEAM, { resume_session_id: runtime.session_id });
      const recovered = new Watcher(resumed.follow(second.context, {}));
      await recovered.until('stream_stopped');
      await recovered.close();
      await second.run(resumed, 'and now?');
      expect(asked(second)).toEqual(['claude-haiku-4-5', 'claude-haiku-4-5']);
      expect(ofType(await logOf(second, runtime.session_id), 'model_fallback').length).toBe(1);
    });
  },

  "retries of -1 try no model twice, and the last error is the run's when nobody is left": async ({
    open,
  }) => {
    const team = teamOf([], { agent: [...FALLBACK, '  retries: -1'] });
    const world = await open([DOWN, DOWN, { status: 401, error: { message: 'wrong key' } }]);
    const events = await world.run(await world.session(team), 'hello');
    expect(stopReason(events)).toBe('error');
    expect(asked(world)).toEqual(['gpt-4o', 'claude-haiku-4-5', 'gpt-4o-mini']);
    expect(ofType(events, 'model_fallback').map((event) => event['max_attempts'])).toEqual([3, 3]);
    expect(only(events, 'error')).toMatchObject({
      code: 'model_error',
      error: expect.stringContaining('wrong key'),
    });
  },

  'a fallback that fails later hands over to the others, the first model last': async ({ open }) => {
    const world = await open([BUSY, calls('think', { thought: 'hm' }), BUSY, BUSY, { text: 'back again' }]);
    const events = await world.run(await world.session(TEAM), 'hello');
    expect(stopReason(events)).toBe('normal');
    expect(asked(world)).toEqual(['gpt-4o', 'claude-haiku-4-5', 'claude-haiku-4-5', 'gpt-4o-mini', 'gpt-4o']);
    expect(answers(events).at(-1)).toMatchObject({ content: 'back again', model: 'openai/gpt-4o' });
  },
};
