import { readFile } from 'node:fs/promises';
import { expect } from 'vitest';
import { patience } from '../patience.ts';
import { calls, logOf, ofType, only, stopReason, teamOf, Watcher, type Behaviours } from '../support.ts';

const TEAM = teamOf(['shell', 'think']);

/** Whether a process still runs; one that is over and only not yet reaped by init does not. */
async function alive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
    if (process.platform !== 'linux') return true;
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    return !/\) Z/.test(stat);
  } catch {
    return false; // no such process: that is the question
  }
}

export const interruptBehaviours: Behaviours = {
  'an idle session was not running, which is no error': async ({ open }) => {
    const world = await open();
    const runtime = await world.session(TEAM);
    expect(await runtime.interrupt(world.context, {})).toEqual({ was_running: false });
    expect(await logOf(world, runtime.session_id)).toHaveLength(1);
  },

  'a model call that hangs is ended, and the run is canceled': async ({ open }) => {
    const world = await open([{ text: 'a text that never ends', hang_after: 3 }, { text: 'again' }]);
    const runtime = await world.session(TEAM);
    const watcher = new Watcher(await runtime.run(world.context, { messages: [{ content: 'go' }] }));
    await watcher.until('agent_choice');
    const begun = Date.now();
    expect(await runtime.interrupt(world.context, {})).toMatchObject({ was_running: true });
    const events = await watcher.rest();
    expect(Date.now() - begun).toBeLessThan(patience(2_000));
    expect(stopReason(events)).toBe('canceled');
    expect(only(events.slice(-3), 'input_taken')).toMatchObject({ kind: 'interrupt', by: 'admin' });
    await expect.poll(() => world.model.journal[0]?.aborted).toBe(true);
    expect(stopReason(await world.run(runtime, 'once more'))).toBe('normal');
  },

  'a command is ended with its children, and the steers that nobody read come back': async ({ open }) => {
    const line = 'sleep 300 & echo child $!; echo self $$; wait';
    const world = await open([calls('shell', { cmd: line })]);
    const runtime = await world.session(TEAM, { safety: 'autonomous' });
    const watcher = new Watcher(await runtime.run(world.context, { messages: [{ content: 'go' }] }));
    let output = '';
    while (!/child \d+\nself \d+\n/.test(output))
      output += String((await watcher.until('tool_call_output'))['output']);
    const pids = [...output.matchAll(/\d+/g)].map(([pid]) => Number(pid));
    expect(await Promise.all(pids.map(alive))).toEqual([true, true]);
    const { input_id } = await runtime.steer(world.context, { messages: [{ content: 'unread' }] });
    const begun = Date.now();
    await runtime.interrupt(world.context, {});
    const events = await watcher.rest();
    expect(Date.now() - begun).toBeLessThan(patience(3_000));
    expect(events.at(-1)).toMatchObject({
      reason: 'canceled',
      undelivered: [{ input_id, content: 'unread' }],
    });
    expect(only(events, 'tool_call_response')).toMatchObject({ outcome: 'cancelled' });
    await expect.poll(() => Promise.all(pids.map(alive))).toEqual([false, false]);
  },

  'a question is canceled with its run, and cannot be answered any more': async ({ open }) => {
    const world = await open([calls('shell', { cmd: 'touch a' })]);
    const runtime = await world.session(TEAM, { unattended: 'wait' });
    const watcher = new Watcher(await runtime.run(world.context, { messages: [{ content: 'go' }] }));
    const request_id = String((await watcher.until('tool_call_confirmation'))['request_id']);
    await runtime.interrupt(world.context, {});
    const events = await watcher.rest();
    expect(stopReason(events)).toBe('canceled');
    expect(only(events, 'interaction_resolved')).toMatchObject({ request_id, outcome: 'canceled' });
    expect(only(events, 'tool_call_response')).toMatchObject({ outcome: 'not_started' });
    await expect(runtime.answer(world.context, { request_id, decision: 'approve' })).rejects.toMatchObject({
      code: 'already_resolved',
    });
  },

  'calls that were not begun get a result that says so, and the next turn is valid': async ({ open }) => {
    const both = [calls('shell', { cmd: 'sleep 300' }), calls('shell', { cmd: 'touch b' })];
    const world = await open([{ tool_calls: both.flatMap((turn) => turn.tool_calls ?? []) }, { text: 'ok' }]);
    const runtime = await world.session(TEAM, { safety: 'autonomous' });
    const watcher = new Watcher(await runtime.run(world.context, { messages: [{ content: 'go' }] }));
    await watcher.until('tool_call_started');
    await runtime.interrupt(world.context, {});
    const events = await watcher.rest();
    expect(ofType(events, 'tool_call_response').map((event) => event['outcome'])).toEqual([
      'cancelled',
      'not_started',
    ]);
    expect(stopReason(await world.run(runtime, 'go on'))).toBe('normal');
  },

  'a reader that goes away ends nothing': async ({ open }) => {
    const world = await open([{ text: 'a text in several pieces', delay_ms: 5 }]);
    const runtime = await world.session(TEAM);
    const gone = new AbortController();
    const stream = await runtime.run(
      { ...world.context, signal: gone.signal },
      { messages: [{ content: 'go' }] },
    );
    const watcher = new Watcher(stream);
    await watcher.until('model_call');
    gone.abort();
    await watcher.close();
    const other = new Watcher(runtime.follow(world.context, { run_id: stream.run_id }));
    const events = await other.rest();
    expect(stopReason(events)).toBe('normal');
  },

  'another run than the one that is named is left alone': async ({ open }) => {
    const world = await open([{ hang_after: 'before' }]);
    const runtime = await world.session(TEAM);
    const watcher = new Watcher(await runtime.run(world.context, { messages: [{ content: 'go' }] }));
    await watcher.until('model_call');
    expect(await runtime.interrupt(world.context, { run_id: 'run_other' })).toEqual({ was_running: false });
    await runtime.interrupt(world.context, {});
    expect(stopReason(await watcher.rest())).toBe('canceled');
  },

  'an interrupt in a sub-agent ends child and parent, each with its own end': async ({ open }) => {
    const team = teamOf([], { agent: ['sub_agents: [helper]'] }).concat(
      '  helper:\n    model: openai/gpt-4o\n    description: Helps\n    instruction: Help.\n',
    );
    const world = await open([
      calls('transfer_task', { agent: 'helper', task: 'help me' }),
      { hang_after: 'before' },
    ]);
    const runtime = await world.session(team);
    const watcher = new Watcher(await runtime.run(world.context, { messages: [{ content: 'go' }] }));
    await watcher.until('model_call', (event) => event['parent'] !== undefined);
    await runtime.interrupt(world.context, {});
    const events = await watcher.rest();
    const stops = ofType(events, 'stream_stopped');
    expect(stops.map((event) => [event['agent_name'], event['reason']])).toEqual([
      ['helper', 'canceled'],
      ['root', 'canceled'],
    ]);
  },
};
