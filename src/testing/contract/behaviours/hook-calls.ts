import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { HookDefinition } from '../../../protocol/contract/hooks.ts';
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
import type { Event } from '../world.ts';
import { script, withHooks } from './hooks.ts';

const TEAM = teamOf(['shell']);
const run = (cmd: string) => calls('shell', { cmd });
const DONE = { text: 'done' };

/** A hook that answers with this JSON. */
export function says(specific: Record<string, unknown>, more: Partial<HookDefinition> = {}): HookDefinition {
  return {
    name: 'h',
    command: `cat >/dev/null; echo '${JSON.stringify({ hook_specific_output: specific })}'`,
    ...more,
  };
}

/** Takes the command of its input and puts `PREFIX` before it, once. */
const PREFIXING = `node -e '
  const input = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
  const { cmd } = input.tool_input;
  const updated_input = cmd.startsWith(process.env.PREFIX) ? undefined : { cmd: process.env.PREFIX + cmd };
  console.log(JSON.stringify({ hook_specific_output: { updated_input } }));'`;

const prefixing = (prefix: string): HookDefinition => ({
  name: prefix.trim(),
  command: PREFIXING,
  env: { PREFIX: prefix },
});

const outcomes = (events: readonly Event[]): unknown[] =>
  ofType(events, 'tool_call_response').map((event) => [event['outcome'], event['response']]);

export const hookCallBehaviours: Behaviours = {
  'what a guard asks a person answers, in every mode and against every allow': async ({ open }) => {
    const world = await open([run('echo one'), DONE, run('echo two'), DONE]);
    const hooks = withHooks({
      pre_tool_use: [
        { hooks: [says({ permission_decision: 'ask', permission_decision_reason: 'look first' })] },
      ],
      permission_request: [{ hooks: [says({ permission_decision: 'allow' })] }],
    });
    const runtime = await world.session(TEAM, {
      safety: 'autonomous',
      unattended: 'wait',
      permissions: { allow: ['shell'] },
      ...hooks,
    });
    const watcher = new Watcher(await runtime.run(world.context, { messages: [{ content: 'go' }] }));
    const question = await watcher.until('tool_call_confirmation');
    expect(question).toMatchObject({ reason: 'look first', required: true });
    const request_id = String(question['request_id']);
    await runtime.answer(world.context, { request_id, decision: 'approve' });
    expect(outcomes(await watcher.rest())).toEqual([['done', expect.stringContaining('one')]]);
    const refusing = await world.session(TEAM, { safety: 'autonomous', unattended: 'refuse', ...hooks });
    expect(outcomes(await world.run(refusing, 'go'))).toEqual([
      ['refused', expect.stringContaining('look first')],
    ]);
  },

  "a hook's allow is an allow rule of its layer: a deny beats it, and an ask of a stronger layer": async ({
    open,
  }) => {
    const world = await open([run('touch a'), run('touch b'), run('touch c'), DONE]);
    const runtime = await world.session(TEAM, {
      unattended: 'refuse',
      permissions: { deny: ['shell:cmd=touch b'], ask: ['shell:cmd=touch c'] },
      user_hooks: { pre_tool_use: [{ matcher: 'shell', hooks: [says({ permission_decision: 'allow' })] }] },
    });
    const events = await world.run(runtime, 'go');
    expect(
      ofType(events, 'tool_call_decision').map(({ decision, source, layer }) => [decision, source, layer]),
    ).toEqual([
      ['allow', 'guard', 'user'],
      ['deny', 'deny_rule', 'session'],
      ['ask', 'rule', 'session'],
    ]);
  },

  'guards rewrite one after the other, those before look again, and what is approved is what runs': async ({
    open,
  }) => {
    const world = await open([run('touch a'), DONE]);
    const runtime = await world.session(TEAM, {
      unattended: 'wait',
      ...withHooks({ pre_tool_use: [{ hooks: [prefixing('true; '), prefixing('true; true; ')] }] }),
      permissions: { ask: ['shell'] },
    });
    const watcher = new Watcher(await runtime.run(world.context, { messages: [{ content: 'go' }] }));
    const question = await watcher.until('tool_call_confirmation');
    const wanted = JSON.stringify({ cmd: 'true; true; true; touch a' });
    expect(question['tool_call']).toMatchObject({ function: { arguments: wanted } });
    const request_id = String(question['request_id']);
    await runtime.answer(world.context, { request_id, decision: 'approve' });
    const events = await watcher.rest();
    expect(only(events, 'tool_call_decision')['arguments']).toBe(wanted);
    expect(outcomes(events)).toEqual([['done', expect.any(String)]]);
    // Two in the first round, the first once more in the second.
    expect(ofType(events, 'hook_finished').map((event) => event['hook'])).toEqual([
      '"true;" of this session',
      '"true; true;" of this session',
      '"true;" of this session',
    ]);
    await readFile(join(world.folder, 'a'));
  },

  'two guards that rewrite each other end in a deny, and so do arguments that are none and a rule they run into':
    async ({ open }) => {
      const world = await open([run('a'), run('b'), run('touch c'), DONE]);
      const runtime = await world.session(TEAM, {
        safety: 'autonomous',
        permissions: { deny: ['shell:cmd=rm *'] },
        runtime_config: {
          hooks: {
            pre_tool_use: [
              {
                hooks: [
                  {
                    name: 'first',
                    command: `node -e '
                      const { tool_input: { cmd } } = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
                      const to = { a: { cmd: "b a" }, b: { cmd: 7 }, "touch c": { cmd: "rm c" }, x: { cmd: "b a" } }[cmd];
                      console.log(JSON.stringify({ hook_specific_output: { updated_input: to } }));'`,
                  },
                  {
                    name: 'second',
                    command: `node -e '
                      const { tool_input: { cmd } } = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
                      const to = cmd === "b a" ? { cmd: "x" } : undefined;
                      console.log(JSON.stringify({ hook_specific_output: { updated_input: to } }));'`,
                  },
                ],
              },
            ],
          },
        },
      });
      const events = await world.run(runtime, 'go');
      expect(
        ofType(events, 'tool_call_decision').map(({ decision, source, reason }) => [
          decision,
          source,
          reason,
        ]),
      ).toEqual([
        ['deny', 'guard', expect.stringContaining('rewrote the arguments again')],
        ['deny', 'guard', expect.stringContaining('into wrong ones')],
        ['deny', 'deny_rule', expect.stringContaining('rm *')],
      ]);
      expect(stopReason(events)).toBe('normal');
    },

  'permission_request answers what a person would be asked, and the true source of each decision is told':
    async ({ open }) => {
      const world = await open([run('touch a'), run('touch b'), run('pwd'), run('touch d'), DONE]);
      await script(
        world,
        'ask.sh',
        [
          'case "$(cat)" in',
          `*"touch a"*) echo '{"hook_specific_output":{"permission_decision":"allow"}}';;`,
          `*"touch b"*) echo 'never b' >&2; exit 2;;`,
          'esac',
        ].join('\n'),
      );
      await script(world, 'tell.sh', 'cat >> told.jsonl');
      const runtime = await world.session(TEAM, {
        unattended: 'refuse',
        ...withHooks({
          permission_request: [{ matcher: 'sh.*', hooks: [{ command: './ask.sh' }] }],
          on_tool_approval_decision: [{ command: './tell.sh' }],
        }),
      });
      const events = await world.run(runtime, 'go');
      expect(outcomes(events).map((pair) => (pair as unknown[])[0])).toEqual([
        'done',
        'denied',
        'done',
        'refused',
      ]);
      const told = (await readFile(join(world.folder, 'told.jsonl'), 'utf8')).trim().split('\n');
      expect(
        told.map((line) => {
          const { approval_decision, approval_source, tool_name } = JSON.parse(line) as Record<
            string,
            unknown
          >;
          return [tool_name, approval_decision, approval_source];
        }),
      ).toEqual([
        ['shell', 'allow', 'permission_request_hook_allow'],
        ['shell', 'deny', 'permission_request_hook_deny'],
        ['shell', 'allow', 'readonly_hint'],
        ['shell', 'deny', 'nobody_answered'],
      ]);
    },

  'a result is exchanged before anybody sees it, and an empty one clears it': async ({ open }) => {
    const world = await open([run('echo secret-word'), run('echo gone'), DONE]);
    await script(
      world,
      'clean.sh',
      [
        'case "$(cat)" in',
        `*secret-word*) echo '{"hook_specific_output":{"updated_tool_response":"cleaned"}}';;`,
        `*) echo '{"hook_specific_output":{"updated_tool_response":""}}';;`,
        'esac',
      ].join('\n'),
    );
    const runtime = await world.session(TEAM, {
      safety: 'autonomous',
      ...withHooks({ tool_response_transform: [{ hooks: [{ command: './clean.sh' }] }] }),
    });
    const events = await world.run(runtime, 'go');
    expect(outcomes(events)).toEqual([
      ['done', 'cleaned'],
      ['done', ''],
    ]);
    const shown = events.filter(({ type }) => type === 'tool_call_output' || type === 'tool_call_response');
    expect(JSON.stringify(shown)).not.toMatch(/secret-word|gone/);
  },

  'post_tool_use adds context for the model, and a block ends the run after the batch': async ({ open }) => {
    const world = await open([
      run('echo one'),
      { tool_calls: ['echo stop', 'echo two'].map((cmd) => ({ name: 'shell', arguments: { cmd } })) },
      DONE,
    ]);
    await script(
      world,
      'post.sh',
      [
        'case "$(cat)" in',
        `*"echo stop"*) echo '{"continue":false,"stop_reason":"enough"}';;`,
        '*"echo one"*) echo "mind the gap";;',
        'esac',
      ].join('\n'),
    );
    const runtime = await world.session(TEAM, {
      safety: 'autonomous',
      ...withHooks({ post_tool_use: [{ matcher: '*', hooks: [{ name: 'post', command: './post.sh' }] }] }),
    });
    const events = await world.run(runtime, 'go');
    expect(stopReason(events)).toBe('hook_blocked');
    expect(only(events, 'hook_blocked')).toMatchObject({ message: 'enough', hook_event: 'post_tool_use' });
    expect(outcomes(events).map((pair) => (pair as unknown[])[0])).toEqual(['done', 'done', 'done']);
    expect(lastRequest(world).at(-1)).toEqual({
      role: 'user',
      text: '[post_tool_use hook "post" of this session]\nmind the gap',
    });
    const { messages } = await runtime.transcript(world.context, {});
    expect(messages.map(({ role }) => role)).toEqual([
      'user',
      'assistant',
      'tool',
      'user',
      'assistant',
      'tool',
      'tool',
    ]);
  },

  'what a hook says to the person is said once, and not where it keeps quiet': async ({ open }) => {
    const world = await open([run('echo one'), DONE]);
    const loud = { system_message: 'be careful' };
    const runtime = await world.session(TEAM, {
      safety: 'autonomous',
      ...withHooks({
        pre_tool_use: [
          {
            hooks: [
              { name: 'loud', command: `echo '${JSON.stringify(loud)}'` },
              { name: 'quiet', command: `echo '${JSON.stringify({ ...loud, suppress_output: true })}'` },
              { name: 'odd', command: 'exit 9' },
              { name: 'odd and still', command: 'exit 9; true', on_error: 'ignore' },
            ],
          },
        ],
      }),
    });
    const events = await world.run(runtime, 'go');
    expect(ofType(events, 'warning').map((event) => event['message'])).toEqual([
      'the hook "loud" of this session says: be careful',
      'the pre_tool_use hook "odd" of this session: it ended with exit code 9',
    ]);
    expect(outcomes(events)).toEqual([['done', expect.stringContaining('one')]]);
  },
};
