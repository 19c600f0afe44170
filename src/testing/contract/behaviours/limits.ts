import { expect } from 'vitest';
import {
  calls,
  lastRequest,
  logOf,
  ofType,
  only,
  refused,
  stopReason,
  teamOf,
  types,
  Watcher,
  type Behaviours,
} from '../support.ts';

const TEAM = teamOf(['think']);
const THINK = calls('think', { thought: 'on and on' });
const thinking = (count: number) =>
  Array.from({ length: count }, (_, index) => calls('think', { thought: `number ${index}` }));
const TOO_LONG = {
  status: 400,
  error: {
    message: "This model's maximum context length is 128000 tokens.",
    type: 'invalid_request_error',
    code: 'context_length_exceeded',
  },
};

export const limitBehaviours: Behaviours = {
  'compaction puts a summary in the place of what came before, and deletes nothing': async ({ open }) => {
    const world = await open([{ text: 'first' }, { text: 'they greeted' }, { text: 'third' }]);
    const runtime = await world.session(TEAM);
    await world.run(runtime, 'hello there');
    const before = await logOf(world, runtime.session_id);
    const watcher = new Watcher(runtime.follow(world.context, { after: before.length }));
    const { run_id } = await runtime.compact(world.context, { instruction: 'Name the colour.' });
    await watcher.until('stream_stopped', (event) => event['run_id'] === run_id);
    await watcher.close();
    expect(ofType(watcher.seen, 'session_compaction').map((event) => event['status'])).toEqual([
      'started',
      'completed',
    ]);
    expect(only(watcher.seen, 'session_summary')).toMatchObject({ summary: 'they greeted' });
    expect(JSON.stringify(world.model.journal[1]?.body)).toContain('Name the colour.');
    const after = await logOf(world, runtime.session_id);
    expect(after.slice(0, before.length)).toEqual(before);
    const { messages } = await runtime.transcript(world.context, {});
    expect(messages.map(({ content }) => content).slice(0, 2)).toEqual(['hello there', 'first']);
    await world.run(runtime, 'go on');
    const sent = lastRequest(world).map(({ text }) => text);
    expect(sent.join('\n')).toContain('they greeted');
    expect(sent.join('\n')).not.toContain('hello there');
  },

  'a compaction that fails is an error and never a summary': async ({ open }) => {
    const world = await open([
      { text: 'first' },
      { status: 400, error: { message: 'The model is unwell' } },
      { text: 'third' },
    ]);
    const runtime = await world.session(TEAM);
    await world.run(runtime, 'hello there');
    const watcher = new Watcher(runtime.follow(world.context, {}));
    const { run_id } = await runtime.compact(world.context, {});
    const stopped = await watcher.until('stream_stopped', (event) => event['run_id'] === run_id);
    await watcher.close();
    expect(stopped['reason']).toBe('error');
    expect(types(watcher.seen)).not.toContain('session_summary');
    expect(only(watcher.seen, 'error')['error']).toContain('The model is unwell');
    expect(ofType(watcher.seen, 'session_compaction').at(-1)?.['status']).toBe('failed');
    await world.run(runtime, 'go on');
    expect(lastRequest(world).map(({ text }) => text)).toContain('hello there');
  },

  'a session with a live run is not compacted': async ({ open }) => {
    const world = await open([{ hang_after: 'before' }]);
    const runtime = await world.session(TEAM);
    const watcher = new Watcher(await runtime.run(world.context, { messages: [{ content: 'go' }] }));
    await watcher.until('model_call');
    await refused(runtime.compact(world.context, {}), 'run_busy', /run_/);
    await runtime.interrupt(world.context, {});
    await watcher.rest();
  },

  'at the limit a person is asked, and continue raises it by ten': async ({ open }) => {
    const world = await open([...thinking(2), { text: 'done' }]);
    const runtime = await world.session(TEAM, { max_iterations: 2, unattended: 'wait' });
    const watcher = new Watcher(await runtime.run(world.context, { messages: [{ content: 'go' }] }));
    const question = await watcher.until('max_iterations_reached');
    expect(question['max_iterations']).toBe(2);
    const { pending_interactions } = await runtime.open(world.context, {});
    expect(pending_interactions).toMatchObject([{ kind: 'max_iterations' }]);
    const request_id = String(question['request_id']);
    await refused(
      runtime.answer(world.context, { request_id, decision: 'approve' }),
      'invalid_request',
      /continue, stop/,
    );
    await runtime.answer(world.context, { request_id, decision: 'continue' });
    expect(stopReason(await watcher.rest())).toBe('normal');
    expect(world.model.journal).toHaveLength(3);
  },

  'at the limit stop ends the run with that reason': async ({ open }) => {
    const world = await open(thinking(2));
    const runtime = await world.session(TEAM, { unattended: 'wait' });
    const watcher = new Watcher(
      await runtime.run(world.context, { messages: [{ content: 'go' }], max_iterations: 2 }),
    );
    const question = await watcher.until('max_iterations_reached');
    await runtime.answer(world.context, { request_id: String(question['request_id']), decision: 'stop' });
    expect(stopReason(await watcher.rest())).toBe('max_iterations');
  },

  'at the limit nobody is asked where nobody can answer': async ({ open }) => {
    const world = await open(thinking(1));
    const events = await world.run(await world.session(TEAM, { max_iterations: 1 }), 'go');
    expect(stopReason(events)).toBe('max_iterations');
    expect(only(events, 'max_iterations_reached')['request_id']).toBeUndefined();
  },

  'autonomous raises the limit by itself, five times and no more': async ({ open }) => {
    const world = await open(thinking(51));
    const runtime = await world.session(TEAM, { max_iterations: 1, safety: 'autonomous' });
    const events = await world.run(runtime, 'go');
    expect(stopReason(events)).toBe('max_iterations');
    expect(world.model.journal).toHaveLength(51);
    expect(ofType(events, 'interaction_resolved').map((event) => event['by'])).toEqual(
      Array.from({ length: 5 }, () => 'policy'),
    );
  },

  'the same calls over and over end the run': async ({ open }) => {
    const world = await open(Array.from({ length: 5 }, () => THINK));
    const events = await world.run(await world.session(TEAM), 'go');
    expect(stopReason(events)).toBe('loop_detected');
    expect(only(events, 'error')).toMatchObject({ code: 'loop_detected' });
    expect(ofType(events, 'tool_call_response')).toHaveLength(5);
  },

  'a context that is too long is met by one compaction and one more try': async ({ open }) => {
    const world = await open([{ text: 'first' }, TOO_LONG, { text: 'a summary' }, { text: 'second' }]);
    const runtime = await world.session(TEAM);
    await world.run(runtime, 'x'.repeat(2_000));
    const events = await world.run(runtime, 'two');
    expect(stopReason(events)).toBe('normal');
    expect(ofType(events, 'session_compaction').map((event) => [event['status'], event['reason']])).toEqual([
      ['started', 'overflow'],
      ['completed', 'overflow'],
    ]);
    const sent = lastRequest(world).map(({ text }) => text);
    expect(sent.join('\n')).toContain('a summary');
    expect(sent.at(-1)).toBe('two');
    expect(sent.join('\n')).not.toContain('xxxx');
  },

  'a context that stays too long fails the run with that code': async ({ open }) => {
    const world = await open([{ text: 'first' }, TOO_LONG, { text: 'a summary' }, TOO_LONG]);
    const runtime = await world.session(TEAM);
    await world.run(runtime, 'x'.repeat(2_000));
    const events = await world.run(runtime, 'two');
    expect(stopReason(events)).toBe('error');
    expect(only(events, 'error')).toMatchObject({ code: 'context_exceeded' });
    expect(ofType(events, 'session_summary')).toHaveLength(1);
  },

  'near the window history is compacted by itself': async ({ open }) => {
    const world = await open([
      { text: 'first', usage: { input: 120_000, output: 20 } },
      { text: 'a summary' },
      { text: 'second' },
    ]);
    const runtime = await world.session(TEAM);
    await world.run(runtime, `${'long '.repeat(20_000)}`);
    const events = await world.run(runtime, 'two');
    expect(stopReason(events)).toBe('normal');
    expect(ofType(events, 'session_compaction')[0]).toMatchObject({ reason: 'threshold' });
    expect(lastRequest(world).map(({ text }) => text)).toContain('two');
  },

  'a run that takes too long is ended with timeout': async ({ open }) => {
    const world = await open([{ hang_after: 'before' }]);
    const runtime = await world.session(TEAM, { runtime_config: { timeout_ms: 50 } });
    const events = await world.run(runtime, 'go');
    expect(stopReason(events)).toBe('error');
    expect(only(events, 'error')).toMatchObject({ code: 'timeout' });
  },
};
