import { expect } from 'vitest';
import {
  calls,
  lastRequest,
  ofType,
  only,
  stopReason,
  teamOf,
  Watcher,
  type Behaviours,
} from '../support.ts';
import { add, blockedBy, recording, say, seen } from './hook-moments.ts';

const TEAM = teamOf(['think', 'shell']);
const FULL = { input: 120_000, output: 20 };
const LONG = 'long '.repeat(20_000);
const HELPED = teamOf(['shell'], { agent: ['sub_agents: [helper]', 'handoffs: [helper]'] }).concat(
  '  helper:\n    model: openai/gpt-4o-mini\n    description: Helps\n    instruction: Help.\n    toolsets: [{type: shell}]\n',
);
const KEY = `ghp_${'a1B2'.repeat(9)}`;
const COMPACTING = ['pre_compact', 'before_compaction', 'after_compaction', 'session_start'] as const;
const summaryPrompt = (text: string) => expect.stringContaining(text);

export const hookTurnBehaviours: Behaviours = {
  'hooks of a compaction: a word for its prompt, a veto, a summary of their own, and session_start after it':
    async ({ open }) => {
      const world = await open([{ text: 'first', usage: FULL }, { text: 'a summary' }, { text: 'second' }]);
      const runtime = await world.session(
        TEAM,
        recording(COMPACTING, { pre_compact: [add('Keep the names.')] }),
      );
      await world.run(runtime, LONG);
      await world.run(runtime, 'two');
      const counts = {
        input_tokens: 120_000,
        output_tokens: 20,
        context_limit: 128_000,
        compaction_reason: 'threshold',
      };
      expect(await seen(world)).toEqual([
        { hook_event_name: 'session_start', source: 'startup' },
        { hook_event_name: 'pre_compact', source: 'auto' },
        { hook_event_name: 'before_compaction', ...counts },
        { hook_event_name: 'after_compaction', ...counts, summary: 'a summary' },
        { hook_event_name: 'session_start', source: 'compact' },
      ]);
      const asked = JSON.stringify(world.model.journal[1]?.body);
      expect(asked).toEqual(summaryPrompt('Keep the names.'));

      for (const event of ['pre_compact', 'before_compaction'] as const) {
        const vetoed = await open([{ text: 'first', usage: FULL }, { text: 'second' }]);
        const veto = {
          runtime_config: { hooks: { [event]: [say({ decision: 'block', reason: 'not now' })] } },
        };
        const quiet = await vetoed.session(TEAM, veto);
        await vetoed.run(quiet, LONG);
        const events = await vetoed.run(quiet, 'two');
        expect([stopReason(events), blockedBy(events)]).toEqual(['normal', [[event, 'not now']]]);
        expect(ofType(events, 'session_summary')).toEqual([]);
        expect(JSON.stringify(lastRequest(vetoed))).toContain(LONG.trim());
      }

      const given = await open([{ text: 'first', usage: FULL }, { text: 'second' }]);
      const own = say({ hook_specific_output: { summary: 'what I say it was' } });
      const session = await given.session(TEAM, { runtime_config: { hooks: { before_compaction: [own] } } });
      await given.run(session, LONG);
      const events = await given.run(session, 'two');
      expect(only(events, 'session_summary')).toMatchObject({ summary: 'what I say it was' });
      expect([stopReason(events), given.model.journal.length]).toEqual(['normal', 2]);
      expect(JSON.stringify(lastRequest(given))).toContain('Session Summary: what I say it was');
    },

  'a veto of a compaction that a person asked for ends that run with the words': async ({ open }) => {
    const world = await open([{ text: 'first' }]);
    const veto = {
      runtime_config: { hooks: { pre_compact: [say({ continue: false, stop_reason: 'not now' })] } },
    };
    const runtime = await world.session(TEAM, veto);
    await world.run(runtime, 'hello');
    const { run_id } = await runtime.compact(world.context, {});
    const events = await new Watcher(runtime.follow(world.context, { run_id })).rest();
    expect([stopReason(events), blockedBy(events)]).toEqual(['hook_blocked', [['pre_compact', 'not now']]]);
    expect(world.model.journal).toHaveLength(1);
  },

  'agents that take over are told of, each way, and a sub-agent that ends': async ({ open }) => {
    const events = ['on_agent_switch', 'subagent_stop'] as const;
    const world = await open([
      calls('transfer_task', { agent: 'helper', task: 'Look.', expected_output: '' }),
      { text: 'looked' },
      calls('handoff', { agent: 'helper' }),
      { text: 'mine now' },
    ]);
    const runtime = await world.session(HELPED, recording(events));
    expect(stopReason(await world.run(runtime, 'go'))).toBe('normal');
    const told = (from_agent: string, to_agent: string, agent_switch_kind: string, model: string) => ({
      hook_event_name: 'on_agent_switch',
      from_agent,
      to_agent,
      agent_switch_kind,
      from_agent_models: [model],
    });
    expect(await seen(world)).toEqual([
      told('root', 'helper', 'transfer_task', 'openai/gpt-4o'),
      { hook_event_name: 'subagent_stop', parent_session_id: runtime.session_id, stop_response: 'looked' },
      told('helper', 'root', 'transfer_task_return', 'openai/gpt-4o-mini'),
      told('root', 'helper', 'handoff', 'openai/gpt-4o'),
    ]);
  },

  'before a question on_user_input runs, and a limit tells of itself and of its extension': async ({
    open,
  }) => {
    const world = await open([
      calls('shell', { cmd: 'touch made' }),
      calls('think', { thought: 'more' }),
      { text: 'done' },
    ]);
    const moments = ['on_user_input', 'on_max_iterations', 'on_session_resume', 'turn_end'] as const;
    const runtime = await world.session(TEAM, {
      ...recording(moments),
      max_iterations: 2,
      unattended: 'wait',
    });
    const watcher = new Watcher(await runtime.run(world.context, { messages: [{ content: 'go' }] }));
    const question = await watcher.until('tool_call_confirmation');
    expect(await seen(world)).toEqual([{ hook_event_name: 'on_user_input' }]);
    await runtime.answer(world.context, { request_id: String(question['request_id']), decision: 'approve' });
    const limit = await watcher.until('max_iterations_reached');
    await runtime.answer(world.context, { request_id: String(limit['request_id']), decision: 'continue' });
    expect(stopReason(await watcher.rest())).toBe('normal');
    const reached = {
      notification_level: 'warning',
      notification_message: 'the run has made the 2 model calls that it may make',
    };
    expect(await seen(world)).toEqual([
      { hook_event_name: 'on_user_input' },
      { hook_event_name: 'turn_end', reason: 'continue' },
      { hook_event_name: 'on_max_iterations', ...reached },
      { hook_event_name: 'on_user_input' },
      { hook_event_name: 'on_session_resume', previous_max_iterations: 2, new_max_iterations: 12 },
      { hook_event_name: 'turn_end', reason: 'continue' },
      { hook_event_name: 'turn_end', reason: 'normal' },
    ]);
  },

  'a session that is taken up again, and one that was cleared, say so; an interrupt ends its turn as what it is':
    async ({ open }) => {
      const world = await open([
        { text: 'one' },
        { text: 'two' },
        { text: 'three' },
        calls('shell', { cmd: 'sleep 30' }),
      ]);
      const hooks = recording(['session_start', 'turn_end', 'session_end']);
      const runtime = await world.session(TEAM, { ...hooks, safety: 'autonomous', snapshots_enabled: true });
      await world.run(runtime, 'go');
      const resume_session_id = runtime.session_id;
      await world.backend.createSession(world.context, { ...hooks, safety: 'autonomous', resume_session_id });
      await world.run(runtime, 'more');
      await runtime.reset(world.context, {});
      await world.run(runtime, 'anew');
      const watcher = new Watcher(await runtime.run(world.context, { messages: [{ content: 'wait' }] }));
      await watcher.until('tool_call_started');
      await runtime.interrupt(world.context, {});
      expect(stopReason(await watcher.rest())).toBe('canceled');
      const end = (reason: string) => [
        { hook_event_name: 'turn_end', reason },
        { hook_event_name: 'session_end', reason },
      ];
      const start = (source: string) => ({ hook_event_name: 'session_start', source });
      expect(await seen(world)).toEqual([
        start('startup'),
        ...end('normal'),
        start('resume'),
        ...end('normal'),
        start('clear'),
        ...end('normal'),
        ...end('canceled'),
      ]);
    },

  'redact_secrets takes keys out of messages, arguments and results, of sub-agents too': async ({ open }) => {
    const team = teamOf(['shell'], { agent: ['redact_secrets: true', 'sub_agents: [helper]'] }).concat(
      '  helper:\n    model: openai/gpt-4o-mini\n    description: Helps\n    instruction: Help.\n    toolsets: [{type: shell}]\n',
    );
    const world = await open([
      calls('transfer_task', { agent: 'helper', task: 'Look.', expected_output: '' }),
      calls('shell', { cmd: `printf '%s' '${KEY}' | wc -c; printf 'ghp_%s' ${KEY.slice(4)}` }),
      { text: 'looked' },
      { text: 'done' },
    ]);
    const runtime = await world.session(team, { safety: 'autonomous' });
    const events = await world.run(runtime, `my key is ${KEY}`);
    expect(stopReason(events)).toBe('normal');
    const token = '[redacted:GitHub token]';
    for (const { body } of world.model.journal) {
      // What the model itself wrote is its own.
      expect(JSON.stringify(body).replaceAll(/"arguments":"[^}]*}/g, '')).not.toContain(KEY);
    }
    expect(JSON.stringify(world.model.journal[0]?.body)).toContain(`my key is ${token}`);
    const [shell] = ofType(events, 'tool_call_response').filter(({ agent_name }) => agent_name === 'helper');
    expect(String(shell?.['response']).trim()).toBe(`${token.length}\n${token}`);
  },

  'built-ins: max_iterations ends a run, and http_post reaches no private address': async ({ open }) => {
    const world = await open([calls('think', { thought: 'a' }), calls('think', { thought: 'b' })]);
    const events = await world.run(
      await world.session(TEAM, {
        runtime_config: {
          hooks: {
            before_llm_call: [{ type: 'builtin', command: 'max_iterations', args: ['2'] }],
            turn_start: [{ type: 'builtin', command: 'http_post', args: ['http://127.0.0.1:9/x'] }],
          },
        },
      }),
      'go',
    );
    expect(stopReason(events)).toBe('hook_blocked');
    expect(blockedBy(events)).toEqual([['before_llm_call', 'the run made its 2 model calls']]);
    expect(world.model.journal).toHaveLength(2);
    for (const { message } of ofType(events, 'warning')) expect(String(message)).toContain('127.0.0.1');
    expect(ofType(events, 'warning')).toHaveLength(3);
  },
};
