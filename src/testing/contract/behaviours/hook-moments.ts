import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { RuntimeConfig } from '../../../protocol/contract/payloads.ts';
import { calls, lastRequest, ofType, only, stopReason, teamOf, type Behaviours } from '../support.ts';
import type { Event, World } from '../world.ts';

type Hooks = NonNullable<RuntimeConfig['hooks']>;
type Flat = Exclude<
  keyof Hooks,
  'pre_tool_use' | 'post_tool_use' | 'permission_request' | 'tool_response_transform'
>;

/** Hooks of a session that write down what they read, one line of JSON each; some of them act too. */
export function recording(events: readonly Flat[], acting: Hooks = {}): { runtime_config: RuntimeConfig } {
  const hooks: Hooks = { ...acting };
  for (const event of events) hooks[event] = [{ command: 'cat >> seen.jsonl' }, ...(acting[event] ?? [])];
  return { runtime_config: { hooks } };
}

/** What the recording hooks read: the event and its own fields. */
export async function seen(world: World): Promise<Record<string, unknown>[]> {
  const text = await readFile(join(world.folder, 'seen.jsonl'), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const { session_id, cwd, agent_name, model_id, invocation_id, attempt, ...own } = JSON.parse(line);
      expect([typeof session_id, cwd, typeof invocation_id, attempt]).toEqual([
        'string',
        world.folder,
        'string',
        1,
      ]);
      expect([typeof agent_name, typeof model_id]).toEqual(['string', 'string']);
      return own;
    });
}

export const say = (output: object) => ({ command: `echo '${JSON.stringify(output)}'` });
export const add = (text: string, hook_event_name = '') =>
  say({ hook_specific_output: { hook_event_name, additional_context: text } });
const sent = (world: World): string =>
  lastRequest(world)
    .map(({ role, text }) => `${role}: ${text}`)
    .join('\n');
export const blockedBy = (events: readonly Event[]): unknown =>
  ofType(events, 'hook_blocked').map(({ hook_event, message }) => [hook_event, message]);

const TEAM = teamOf(['think', 'todo']);
const THINK = calls('think', { thought: 'hm' });

export const hookMomentBehaviours: Behaviours = {
  'a run tells each moment once, in order, with true sources and reasons': async ({ open }) => {
    const world = await open([THINK, { text: 'done' }, { text: 'again' }]);
    const runtime = await world.session(
      TEAM,
      recording([
        'session_start',
        'user_prompt_submit',
        'turn_start',
        'turn_end',
        'after_llm_call',
        'stop',
        'session_end',
      ]),
    );
    expect(stopReason(await world.run(runtime, 'go'))).toBe('normal');
    expect(await seen(world)).toEqual([
      { hook_event_name: 'session_start', source: 'startup' },
      { hook_event_name: 'user_prompt_submit', prompt: 'go' },
      { hook_event_name: 'turn_start' },
      { hook_event_name: 'after_llm_call', stop_response: '', last_user_message: 'go' },
      { hook_event_name: 'turn_end', reason: 'continue' },
      { hook_event_name: 'turn_start' },
      { hook_event_name: 'after_llm_call', stop_response: 'done', last_user_message: 'go' },
      { hook_event_name: 'stop', stop_response: 'done', last_user_message: 'go' },
      { hook_event_name: 'turn_end', reason: 'normal' },
      { hook_event_name: 'session_end', reason: 'normal' },
    ]);
    await world.run(runtime, 'more');
    expect((await seen(world)).slice(10).map(({ hook_event_name }) => hook_event_name)).toEqual([
      'user_prompt_submit',
      'turn_start',
      'after_llm_call',
      'stop',
      'turn_end',
      'session_end',
    ]);
  },

  'context of session_start stays, that of user_prompt_submit and turn_start is for one turn': async ({
    open,
  }) => {
    const world = await open([THINK, { text: 'done' }]);
    const runtime = await world.session(TEAM, {
      runtime_config: {
        hooks: {
          session_start: [{ name: 'a', command: 'echo started here' }],
          user_prompt_submit: [add('you were asked')],
          turn_start: [
            { name: 'c', type: 'builtin', command: 'add_directory_listing' },
            { command: 'echo not {json' },
          ],
        },
      },
    });
    const events = await world.run(runtime, 'go');
    expect(stopReason(events)).toBe('normal');
    const [first = '', second = ''] = world.model.journal.map(({ body }) => JSON.stringify(body));
    for (const text of [
      '[session_start hook \\"a\\" of this session]\\nstarted here',
      'Files in the working directory: none',
      'not {json',
    ])
      expect([first.includes(text), second.includes(text), text]).toEqual([true, true, text]);
    expect([first.includes('you were asked'), second.includes('you were asked')]).toEqual([true, false]);
    expect(only(events, 'hook_context')).toMatchObject({ hook_event: 'session_start' });
    const [one, two] = ofType(events, 'model_call').map(({ hook_context }) => hook_context);
    for (const digest of [one, two]) expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(one).not.toBe(two);
  },

  'user_prompt_submit stops a message before the model, and so do turn_start, session_start and before_llm_call':
    async ({ open }) => {
      for (const event of ['user_prompt_submit', 'turn_start', 'session_start', 'before_llm_call'] as const) {
        const world = await open([]);
        const events = await world.run(
          await world.session(
            TEAM,
            recording(['turn_end', 'session_end'], { [event]: [{ command: 'echo no >&2; exit 2' }] }),
          ),
          'go',
        );
        expect(stopReason(events)).toBe('hook_blocked');
        expect(blockedBy(events)).toEqual([[event, 'no']]);
        expect(world.model.journal).toEqual([]);
        const ends = { hook_event_name: 'session_end', reason: 'hook_blocked' };
        const begun = event === 'turn_start' || event === 'before_llm_call';
        expect(await seen(world)).toEqual(
          begun ? [{ hook_event_name: 'turn_end', reason: 'hook_blocked' }, ends] : [ends],
        );
      }
    },

  'before_llm_call sees the messages, may exchange them, and wrong ones stop the run': async ({ open }) => {
    const world = await open([{ text: 'done' }]);
    const updated_messages = [
      { role: 'system', content: 'be brief' },
      { role: 'user', content: 'something else' },
    ];
    const rewrite = recording(['before_llm_call'], {
      before_llm_call: [say({ hook_specific_output: { updated_messages } })],
    });
    expect(stopReason(await world.run(await world.session(TEAM, rewrite), 'go'))).toBe('normal');
    expect(sent(world)).toBe('system: be brief\nuser: something else');
    const [input] = await seen(world);
    expect(input).toMatchObject({
      iteration: 1,
      messages: expect.arrayContaining([expect.objectContaining({ role: 'user', content: 'go' })]),
    });
    const wrong = say({ hook_specific_output: { updated_messages: [{ role: 'nobody', content: 'x' }] } });
    const bad = await world.run(
      await world.session(TEAM, { runtime_config: { hooks: { before_llm_call: [wrong] } } }),
      'go',
    );
    expect(stopReason(bad)).toBe('hook_blocked');
    expect(blockedBy(bad)).toEqual([
      ['before_llm_call', expect.stringMatching(/^its updated_messages are not right at 0\.role: /)],
    ]);
  },

  'stop hooks give it more to do, and not for ever; continue: false ends it with their words': async ({
    open,
  }) => {
    const world = await open([{ text: 'one' }, { text: 'two' }]);
    const once = { name: 'once', command: 'test -e did || { touch did; echo now write tests; }' };
    const events = await world.run(
      await world.session(TEAM, { runtime_config: { hooks: { stop: [once] } } }),
      'go',
    );
    expect(stopReason(events)).toBe('normal');
    expect(sent(world)).toContain(
      'assistant: one\nuser: [stop hook "once" of this session]\nnow write tests',
    );

    const endless = await open(Array.from({ length: 11 }, () => ({ text: 'so' })));
    const always = { runtime_config: { hooks: { stop: [{ command: 'echo never enough >&2; exit 2' }] } } };
    const more = await endless.run(await endless.session(TEAM, always), 'go');
    expect(stopReason(more)).toBe('normal');
    expect(only(more, 'warning')['message']).toBe(
      'stop hooks gave this run more to do 10 times; it ends now',
    );

    const last = await open([{ text: 'one' }]);
    const end = say({ continue: false, stop_reason: 'the budget of the day' });
    const ended = await last.run(
      await last.session(TEAM, { runtime_config: { hooks: { stop: [end] } } }),
      'go',
    );
    expect([stopReason(ended), blockedBy(ended)]).toEqual([
      'hook_blocked',
      [['stop', 'the budget of the day']],
    ]);
  },

  'a failing run tells on_error and notification, and its true reasons': async ({ open }) => {
    const world = await open([{ status: 400, error: { message: 'The model is unwell' } }]);
    const events = await world.run(
      await world.session(TEAM, recording(['on_error', 'notification', 'turn_end', 'session_end', 'stop'])),
      'go',
    );
    expect(stopReason(events)).toBe('error');
    const message = {
      notification_level: 'error',
      notification_message: expect.stringContaining('The model is unwell'),
    };
    expect(await seen(world)).toEqual([
      { hook_event_name: 'on_error', ...message },
      { hook_event_name: 'notification', ...message },
      { hook_event_name: 'turn_end', reason: 'error' },
      { hook_event_name: 'session_end', reason: 'error' },
    ]);
  },
};
