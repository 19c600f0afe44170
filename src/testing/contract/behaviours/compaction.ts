import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type { Runtime } from '../../../protocol/backend.ts';
import { lastRequest, ofType, only, stopReason, teamOf, Watcher, type Behaviours } from '../support.ts';
import type { Event, World } from '../world.ts';

const TEAM = teamOf(['think', 'todo']);
const FULL = { input: 120_000, output: 20 };
const LONG = 'long '.repeat(20_000);
const TOO_LONG = {
  status: 400,
  error: {
    message: "This model's maximum context length is 128000 tokens.",
    code: 'context_length_exceeded',
  },
};
const think = (thought: string) => ({
  tool_calls: [{ name: 'think', arguments: { thought } }],
  delta_size: 100_000,
});
const statuses = (events: readonly Event[]): unknown[] =>
  ofType(events, 'session_compaction').map(({ status, reason }) => [status, reason]);

async function compacted(world: World, runtime: Runtime, instruction?: string): Promise<Event[]> {
  const { run_id } = await runtime.compact(world.context, instruction === undefined ? {} : { instruction });
  return new Watcher(runtime.follow(world.context, { run_id })).rest();
}

function sent(world: World): string {
  return lastRequest(world)
    .map(({ role, text }) => `${role}: ${text}`)
    .join('\n');
}

export const compactionBehaviours: Behaviours = {
  'a compaction that fails near the window is a warning, tried once, and the run goes on': async ({
    open,
  }) => {
    const world = await open([
      { text: 'first', usage: FULL },
      { status: 400, error: { message: 'The model is unwell' } },
      { text: 'second', usage: FULL },
    ]);
    const runtime = await world.session(TEAM);
    await world.run(runtime, LONG);
    const events = await world.run(runtime, 'two');
    expect(stopReason(events)).toBe('normal');
    expect(statuses(events)).toEqual([
      ['started', 'threshold'],
      ['failed', 'threshold'],
    ]);
    expect(only(events, 'warning')['message']).toMatch(/^compaction failed: .*The model is unwell/);
    expect(ofType(events, 'session_summary')).toEqual([]);
    expect(world.model.journal).toHaveLength(3);
  },

  'an empty summary is none': async ({ open }) => {
    const world = await open([{ text: 'first' }, ...Array.from({ length: 3 }, () => ({ text: '' }))]);
    const runtime = await world.session(TEAM);
    await world.run(runtime, 'hello');
    const events = await compacted(world, runtime);
    expect([stopReason(events), ofType(events, 'session_summary')]).toEqual(['error', []]);
    expect(only(events, 'error')['error']).toMatch(/^compaction failed: /);
  },

  'near the window with nothing to summarise the run goes on': async ({ open }) => {
    const world = await open([
      { text: 'first', usage: FULL },
      { text: 'second', usage: FULL },
    ]);
    const runtime = await world.session(TEAM);
    await world.run(runtime, 'short');
    const events = await world.run(runtime, 'two');
    expect(stopReason(events)).toBe('normal');
    expect(statuses(events)).toHaveLength(2);
    expect(only(events, 'warning')['message']).toBe('there is nothing to compact yet');
  },

  'what a person has just said stays as it was said, however long': async ({ open }) => {
    const world = await open([{ text: 'first', usage: FULL }, { text: 'a summary' }, { text: 'second' }]);
    const runtime = await world.session(TEAM);
    await world.run(runtime, 'one');
    const events = await world.run(runtime, `${LONG}and the end`);
    expect(stopReason(events)).toBe('normal');
    expect(only(events, 'session_summary')).toMatchObject({ summary: 'a summary' });
    expect(lastRequest(world).at(-1)?.text).toMatch(/and the end$/);
  },

  'calls and their results stay on one side, and the summary is asked for without tools': async ({
    open,
  }) => {
    const world = await open([
      think('deep '.repeat(12_000)),
      think('deep '.repeat(500)),
      think('small'),
      { text: 'done', usage: FULL },
      { text: 'sum' },
      { text: 'on' },
    ]);
    const runtime = await world.session(TEAM);
    await world.run(runtime, 'go');
    await world.run(runtime, 'more');
    const request = world.model.journal.at(-2)?.body ?? {};
    expect(request['tools']).toBeUndefined();
    expect(request['max_tokens'] ?? request['max_completion_tokens']).toBe(16_000);
    const messages = (world.model.journal.at(-1)?.body['messages'] ?? []) as Record<string, unknown>[];
    const asked = messages.flatMap(({ tool_calls }) => (tool_calls ?? []) as { id: string }[]);
    expect(asked).toHaveLength(1);
    expect(messages.filter(({ role }) => role === 'tool').map(({ tool_call_id }) => tool_call_id)).toEqual(
      asked.map(({ id }) => id),
    );
  },

  'a second summary is made from the first and what came since': async ({ open }) => {
    const world = await open([
      { text: 'first' },
      { text: 'SUMMARY ONE' },
      { text: 'second' },
      { text: 'SUMMARY TWO' },
      { text: 'third' },
    ]);
    const runtime = await world.session(TEAM);
    await world.run(runtime, 'hello there');
    await compacted(world, runtime);
    await world.run(runtime, 'and now');
    await compacted(world, runtime, 'Keep the names.');
    expect(sent(world)).toContain('SUMMARY ONE');
    expect(sent(world)).toContain('Keep the names.');
    expect(sent(world)).not.toContain('hello there');
    await world.run(runtime, 'go on');
    expect(sent(world)).toContain('SUMMARY TWO');
    expect(sent(world)).not.toContain('SUMMARY ONE');
    const { messages, summary } = await runtime.transcript(world.context, {});
    expect(messages[0]?.content).toBe('hello there');
    expect(summary).toMatchObject({ text: 'SUMMARY TWO' });
  },

  'its cost is counted, and it is there after a resume': async ({ open }) => {
    const usage = { input: 1_000, output: 100 };
    const turns = [
      { text: 'first', usage },
      { text: 'SUMMARY', usage },
    ];
    const world = await open(turns);
    const runtime = await world.session(TEAM);
    await world.run(runtime, 'hello there');
    const before = await runtime.usage(world.context, {});
    const events = await compacted(world, runtime);
    expect(only(events, 'session_summary')).toMatchObject({
      model: 'openai/gpt-4o',
      cost: expect.any(Number),
    });
    const after = await runtime.usage(world.context, {});
    expect([after.input_tokens, after.output_tokens]).toEqual([2_000, 200]);
    expect(after.cost).toBeCloseTo(before.cost * 2);
    const { sessions } = await world.backend.listSessions(world.context, {});
    expect(sessions[0]?.cost).toBeCloseTo(after.cost);
    const later = await open([{ text: 'again' }], { data: world.data, folder: world.folder });
    const resumed = later.backend.session(runtime.session_id);
    await later.run(resumed, 'go on');
    expect(sent(later)).toContain('SUMMARY');
    expect(sent(later)).not.toContain('hello there');
  },

  'an interrupt ends a compaction: it has failed, and nothing was lost': async ({ open }) => {
    const world = await open([{ text: 'first' }, { hang_after: 'before' }, { text: 'second' }]);
    const runtime = await world.session(TEAM);
    await world.run(runtime, 'hello there');
    const { run_id } = await runtime.compact(world.context, {});
    const watcher = new Watcher(runtime.follow(world.context, { run_id }));
    await watcher.until('model_call', (event) => event['run_id'] === run_id);
    // The call is recorded before it is made.
    await expect.poll(() => world.model.journal.length).toBe(2);
    await runtime.interrupt(world.context, {});
    const events = await watcher.rest();
    expect(events.at(-1)).toMatchObject({ type: 'stream_stopped', reason: 'canceled' });
    expect(statuses(events)).toEqual([
      ['started', 'manual'],
      ['failed', 'manual'],
    ]);
    await world.run(runtime, 'go on');
    expect(sent(world)).toContain('hello there');
  },

  'a compaction that was cut with its process is gone on with, for the reason that it had': async ({
    open,
  }) => {
    const data = await mkdtemp(join(tmpdir(), 'yonder-compact-'));
    onTestFinished(() => rm(data, { recursive: true, force: true }));
    const world = await open([{ text: 'first' }, TOO_LONG, { hang_after: 'before' }], {
      data,
      folder: data,
    });
    const runtime = await world.session(TEAM);
    await world.run(runtime, 'x'.repeat(2_000));
    const stream = await runtime.run(world.context, { messages: [{ content: 'two' }] });
    const watcher = new Watcher(runtime.follow(world.context, { run_id: stream.run_id }));
    await watcher.until('model_call', (event) => event['purpose'] === 'compaction');
    await world.close();
    const later = await open([{ text: 'SUMMARY' }, { text: 'second' }], { data, folder: data });
    const { session_id } = runtime;
    await later.backend.createSession(later.context, { resume_session_id: session_id, unattended: 'refuse' });
    const resumed = later.backend.session(session_id);
    const events = await new Watcher(resumed.follow(later.context, { run_id: stream.run_id })).rest();
    expect(stopReason(events)).toBe('normal');
    expect(statuses(events)).toEqual([
      ['started', 'overflow'],
      ['completed', 'overflow'],
    ]);
    expect(sent(later)).toContain('SUMMARY');
  },

  'num_history_items keeps the newest messages and all of the person, and no result without its call':
    async ({ open }) => {
      const world = await open([think('a'), { text: 'one' }, think('b'), { text: 'two' }, { text: 'three' }]);
      const runtime = await world.session(teamOf(['think'], { agent: ['num_history_items: 3'] }));
      await world.run(runtime, 'first');
      await world.run(runtime, 'second');
      await world.run(runtime, 'third');
      const got = lastRequest(world).map(({ role, text }) => `${role} ${text}`);
      expect(got.filter((line) => line.startsWith('user'))).toEqual([
        'user first',
        'user second',
        'user third',
      ]);
      expect(got.filter((line) => line.startsWith('tool'))).toHaveLength(1);
      expect(got).not.toContain('assistant one');
    },

  'old results of tools are cut, the newest stays whole, and the log keeps all': async ({ open }) => {
    const world = await open([think('first '.repeat(40)), think('second '.repeat(40)), { text: 'done' }]);
    const runtime = await world.session(teamOf(['think'], { agent: ['max_old_tool_call_tokens: 10'] }));
    const events = await world.run(runtime, 'go');
    const results = lastRequest(world)
      .filter(({ role }) => role === 'tool')
      .map(({ text }) => text);
    expect(results).toHaveLength(2);
    expect(results[0]).toBe('[content truncated]');
    expect(results[1]).not.toBe('[content truncated]');
    for (const response of ofType(events, 'tool_call_response'))
      expect(response['response']).not.toContain('truncated');
  },
};
