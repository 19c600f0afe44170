import { expect } from 'vitest';
import type { ScriptedTurn } from '../../model-server/script.ts';
import { calls, ofType, only, teamOf, type Behaviours } from '../support.ts';
import { relay } from './tool-context.ts';
import { says } from './hook-calls.ts';

const NO_PUSH = [
  'hooks:',
  '  pre_tool_use:',
  '    - matcher: shell|run_background_job',
  '      hooks:',
  '        - {name: no push, command: "grep -q push && echo never >&2 && exit 2; exit 0"}',
];
const OWN_ALLOW = [
  '  pre_tool_use:',
  `    - hooks: [${JSON.stringify(says({ permission_decision: 'allow' }))}]`,
];

function team(ways: readonly string[], root: readonly string[] = NO_PUSH): string {
  return teamOf(['shell'], { agent: [...ways, ...root] }).concat(
    [
      '  helper:',
      '    model: openai/gpt-4o',
      '    description: Helps',
      '    instruction: Help.',
      '    toolsets:',
      '      - type: shell',
      '    hooks:',
      ...OWN_ALLOW.map((line) => `    ${line}`),
      '',
    ].join('\n'),
  );
}

const PUSH = calls('shell', { cmd: 'git push' });
const JOB = calls('run_background_job', { cmd: 'git push' });
const DONE = { text: 'done' };

export const hookChainBehaviours: Behaviours = {
  "a parent's guard holds in a child, after a handoff and for a background job, under every mode": async ({
    open,
  }) => {
    const ways: [string, readonly ScriptedTurn[]][] = [
      [
        'sub_agents: [helper]',
        [calls('transfer_task', { agent: 'helper', task: 'push' }), PUSH, JOB, DONE, DONE],
      ],
      ['handoffs: [helper]', [calls('handoff', { agent: 'helper' }), PUSH, JOB, DONE]],
    ];
    const modes = ['autonomous', 'balanced', 'strict', 'restricted'] as const;
    const turns = modes.flatMap(() => ways.flatMap(([, script]) => [...script]));
    const world = await open(turns);
    for (const safety of modes) {
      for (const [way] of ways) {
        const runtime = await world.session(team([way]), {
          safety,
          unattended: 'refuse',
          permissions: { allow: ['transfer_task', 'handoff', 'shell', 'run_background_job'] },
        });
        const events = await world.run(runtime, 'push it');
        const denied = ofType(events, 'hook_blocked');
        expect(
          denied.map(({ hook, message }) => [hook, message]),
          `${safety}, ${way}`,
        ).toEqual([
          ['"no push" of the agent root', 'never'],
          ['"no push" of the agent root', 'never'],
        ]);
        expect(ofType(events, 'background_job')).toEqual([]);
      }
    }
  },

  'what the hook of a child allows counts no further than its parent would': async ({ open }) => {
    const world = await open([
      calls('transfer_task', { agent: 'helper', task: 'touch it' }),
      calls('shell', { cmd: 'touch a' }),
      DONE,
      DONE,
    ]);
    const runtime = await world.session(team(['sub_agents: [helper]'], []), { unattended: 'refuse' });
    const events = await world.run(runtime, 'go');
    const [, inner] = ofType(events, 'tool_call_decision');
    expect(inner).toMatchObject({ decision: 'ask', source: 'mode', agent_name: 'helper' });
    const own = await open([calls('shell', { cmd: 'touch a' }), DONE]);
    const alone = await own.session(team([], []), { unattended: 'refuse', agent_name: 'helper' });
    expect(only(await own.run(alone, 'go'), 'tool_call_decision')).toMatchObject({
      decision: 'allow',
      source: 'guard',
      layer: 'team',
    });
  },

  'a guard hears what one tool has another do': async ({ open }) => {
    const given: string[] = [];
    const own = relay(async (context) => {
      const { output } = await context.call({ tool: 'shell', arguments: { cmd: 'git push' } });
      given.push(output);
      return { output: 'asked' };
    });
    const world = await open([calls('relay', {}), DONE], { toolsets: [own] });
    const runtime = await world.session(teamOf(['shell'], { agent: NO_PUSH }), { safety: 'autonomous' });
    expect(only(await world.run(runtime, 'go'), 'hook_blocked')).toMatchObject({ message: 'never' });
    expect(given).toEqual([expect.stringMatching(/^Denied by the hook "no push" of the agent root: never/)]);
  },

  "a guard hears the calls of a team's commands": async ({ open }) => {
    const world = await open([DONE]);
    const more = ['commands:', '  up: "Say this: !shell(cmd=\\"git push\\")"'];
    const runtime = await world.session(teamOf(['shell'], { agent: [...NO_PUSH, ...more] }), {
      safety: 'autonomous',
    });
    const { run_id } = await runtime.command(world.context, { name: 'up' });
    expect(run_id).toBeDefined();
    const events: unknown[] = [];
    for await (const { json } of runtime.follow(world.context, { after: 0, run_id: String(run_id) }))
      events.push(JSON.parse(json));
    const blocked = only(events as never, 'hook_blocked');
    expect(blocked).toMatchObject({ hook: '"no push" of the agent root' });
  },
};
