import { HOOK_MOMENT_SCENARIOS } from './transcripts-hook-moments.ts';
import { HOOK_SCENARIOS } from './transcripts-hooks.ts';
import { LIVE_SCENARIOS } from './transcripts-live.ts';
import { MCP_SCENARIOS } from './transcripts-mcp.ts';
import { SIGN_IN_SCENARIOS } from './transcripts-sign-in.ts';
import { skillText } from './skills-of.ts';
import { calls, teamOf, Watcher } from './support.ts';
import type { ScriptedTurn } from '../model-server/script.ts';
import { collect, type Event, type World } from './world.ts';

/** A scripted run whose transcript is the same in every place. */
export interface Scenario {
  turns: ScriptedTurn[];
  /** How the command plays it with one message: its team, flags and exit code. Absent where somebody has to do something meanwhile. */
  command?: {
    team: string;
    flags: readonly string[];
    exit: number;
    /** Files beside the team's. */
    beside?: Readonly<Record<string, string>>;
  };
  play(world: World): Promise<Event[]>;
}

const TEAM = teamOf(['think', 'shell', 'filesystem']);
const CLEVER = teamOf(['think'], { model: 'clever' }).concat(
  'models:\n  clever:\n    provider: anthropic\n    model: claude-sonnet-4-5\n    thinking_budget: 2048\n',
);
const LEAD = teamOf([], { agent: ['sub_agents: [helper]'] }).concat(
  '  helper:\n    model: openai/gpt-4o\n    description: Helps\n    instruction: Help.\n    toolsets:\n      - type: shell\n',
);
const SKILLED = teamOf(['filesystem'], { agent: ['skills: [./skills]'] });
const SKILL = {
  'skills/look/SKILL.md': skillText('look', 'Look into words.md of this skill, then read.', [
    'allowed-tools: Read',
  ]),
  'skills/look/words.md': 'Few words.',
};
const write = (path: string) => ({
  name: 'write_file',
  arguments: { path, content: `content of ${path}\n` },
});

async function plain(world: World, team: string, request: object = {}): Promise<Event[]> {
  return world.run(await world.session(team, request), 'do it');
}

/** Runs, and does at each question what the test says. */
async function attended(
  world: World,
  question: string,
  answer: (event: Event) => object,
  request: object = {},
): Promise<Event[]> {
  const runtime = await world.session(TEAM, { unattended: 'wait', ...request });
  const watcher = new Watcher(await runtime.run(world.context, { messages: [{ content: 'do it' }] }));
  const event = await watcher.until(question);
  await runtime.answer(world.context, {
    request_id: String(event['request_id']),
    decision: 'approve',
    ...answer(event),
  });
  return watcher.rest();
}

export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  ...LIVE_SCENARIOS,
  ...MCP_SCENARIOS,
  ...HOOK_SCENARIOS,
  ...HOOK_MOMENT_SCENARIOS,
  ...SIGN_IN_SCENARIOS,
  text: {
    command: { team: TEAM, flags: [], exit: 0 },
    turns: [{ text: 'A plain answer, with a second sentence.' }],
    play: (world) => plain(world, TEAM),
  },
  reasoning: {
    command: { team: CLEVER, flags: [], exit: 0 },
    turns: [
      { reasoning: 'Let me see what this needs.', ...calls('think', { thought: 'much' }) },
      { text: 'It is thought through.' },
    ],
    play: (world) => plain(world, CLEVER),
  },
  tool: {
    command: { team: TEAM, flags: ['--yolo'], exit: 0 },
    turns: [
      calls('shell', { cmd: 'pwd; echo to the other side >&2; exit 3' }),
      { text: 'It ended with three.' },
    ],
    play: (world) => plain(world, TEAM, { safety: 'autonomous' }),
  },
  parallel: {
    command: { team: TEAM, flags: ['--yolo'], exit: 0 },
    turns: [
      { tool_calls: [write('a.txt'), write('b.txt')] },
      {
        tool_calls: ['b.txt', 'a.txt', 'none.txt'].map((path) => ({
          name: 'read_file',
          arguments: { path },
        })),
      },
      { text: 'Read.' },
    ],
    play: (world) => plain(world, TEAM, { safety: 'autonomous' }),
  },
  rejection: {
    turns: [calls('shell', { cmd: 'touch a' }), { text: 'Then not.' }],
    play: (world) =>
      attended(world, 'tool_call_confirmation', () => ({ decision: 'reject', reason: 'not here' })),
  },
  rule: {
    turns: [
      calls('shell', { cmd: 'touch a' }),
      calls('shell', { cmd: 'touch b' }),
      calls('shell', { cmd: 'rm a' }),
      { text: 'As far as I may.' },
    ],
    play: (world) =>
      attended(
        world,
        'tool_call_confirmation',
        (event) => {
          const [offer] = event['rule_offers'] as { rule: string }[];
          return { decision: 'approve_tool', rule: offer?.rule };
        },
        { permissions: { deny: ['shell:cmd=rm *'] } },
      ),
  },
  'sub-agent': {
    command: { team: LEAD, flags: [], exit: 0 },
    turns: [
      calls('transfer_task', { agent: 'helper', task: 'Say where you are.' }),
      calls('shell', { cmd: 'pwd' }),
      { text: 'I am here.' },
      { text: 'The helper is there.' },
    ],
    play: (world) => plain(world, LEAD),
  },
  'skill run': {
    command: { team: SKILLED, flags: ['--yolo'], exit: 0, beside: SKILL },
    turns: [
      calls('read_skill', { name: 'look' }),
      calls('run_skill', { name: 'look', task: 'Look.' }),
      calls('read_skill_file', { skill_name: 'look', path: 'words.md' }),
      calls('write_file', { path: 'evil.txt', content: 'no' }),
      { text: 'Few words.' },
      { text: 'There are few.' },
    ],
    play: (world) =>
      plain(world, SKILLED, {
        safety: 'autonomous',
        source: { kind: 'inline', entry: 'team.yaml', files: { ...SKILL, 'team.yaml': SKILLED } },
      }),
  },
  'max iterations': {
    command: { team: TEAM, flags: ['--max-iterations', '2'], exit: 1 },
    turns: [calls('think', { thought: 'one' }), calls('think', { thought: 'two' })],
    play: (world) =>
      attended(world, 'max_iterations_reached', () => ({ decision: 'stop' }), { max_iterations: 2 }),
  },
  interrupt: {
    turns: [calls('shell', { cmd: 'echo begun; sleep 300' })],
    async play(world) {
      const runtime = await world.session(TEAM, { safety: 'autonomous' });
      const watcher = new Watcher(await runtime.run(world.context, { messages: [{ content: 'do it' }] }));
      await watcher.until('tool_call_output');
      await runtime.steer(world.context, { messages: [{ content: 'never read' }] });
      await runtime.interrupt(world.context, {});
      return watcher.rest();
    },
  },
  resume: {
    turns: [{ text: 'First.' }, calls('think', { thought: 'again' }), { text: 'Second.' }],
    async play(world) {
      const runtime = await world.session(TEAM);
      await world.run(runtime, 'begin');
      const { session_id } = await world.backend.createSession(world.context, {
        resume_session_id: runtime.session_id,
        safety: 'strict',
      });
      const again = world.backend.session(session_id);
      await world.run(again, 'go on');
      return collect(again.follow(world.context, { follow: false }));
    },
  },
};
