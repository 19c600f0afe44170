import type { Runtime } from '../../protocol/backend.ts';
import { calls, teamOf, Watcher } from './support.ts';
import type { Scenario } from './transcripts.ts';
import { collect, type Event, type World } from './world.ts';

const TEAM = teamOf(['think', 'shell', 'filesystem', 'user_prompt', 'todo']);
const HELPER =
  '  helper:\n    model: openai/gpt-4o-mini\n    description: Helps\n    instruction: Help.\n    toolsets:\n      - type: shell\n';
const HANDOFF = teamOf(['think'], { agent: ['handoffs: [helper]'] }) + HELPER;
const FALLBACK = teamOf([], { agent: ['fallback:', '  models: [openai/gpt-4o-mini]'] });
const message = (content: string) => ({ messages: [{ content }] });
const touch = (path: string) => calls('shell', { cmd: `touch ${path}` });

async function whole(world: World, runtime: Runtime): Promise<Event[]> {
  return collect(runtime.follow(world.context, { follow: false }));
}

/** A run that stands at the question of its first call: what is done there, then the yes, then the rest. */
async function held(world: World, act: (runtime: Runtime) => Promise<unknown>): Promise<Event[]> {
  const runtime = await world.session(TEAM, { unattended: 'wait' });
  const watcher = new Watcher(await runtime.run(world.context, message('do it')));
  const question = await watcher.until('tool_call_confirmation');
  await act(runtime);
  await runtime.answer(world.context, {
    request_id: String(question['request_id']),
    decision: 'approve',
  });
  return watcher.rest();
}

/** A form, and its answer. */
async function form(world: World, answer: object): Promise<Event[]> {
  const runtime = await world.session(TEAM, { unattended: 'wait' });
  const watcher = new Watcher(await runtime.run(world.context, message('do it')));
  const { request_id } = await watcher.until('elicitation_request');
  await runtime.answer(world.context, {
    request_id: String(request_id),
    decision: 'accept',
    ...answer,
  });
  return watcher.rest();
}

const ASK = calls('user_prompt', {
  message: 'Which colour?',
  schema: { type: 'object', properties: { colour: { type: 'string', enum: ['red', 'blue'] } } },
});

/** Runs that somebody works with while they live, and what a session goes through between them. */
export const LIVE_SCENARIOS: Readonly<Record<string, Scenario>> = {
  steer: {
    turns: [touch('a'), { text: 'With that in mind.' }],
    play: (world) => held(world, (runtime) => runtime.steer(world.context, message('and mind the gap'))),
  },
  'follow-up': {
    turns: [touch('a'), { text: 'Done.' }, { text: 'And more.' }],
    play: (world) => held(world, (runtime) => runtime.followUp(world.context, message('now the next'))),
  },
  pause: {
    turns: [touch('a'), { text: 'After the pause.' }],
    play: (world) =>
      held(world, async (runtime) => {
        await runtime.pause(world.context, { paused: true });
        await runtime.pause(world.context, { paused: false });
      }),
  },
  settings: {
    turns: [touch('a'), touch('b'), { text: 'Both.' }],
    play: (world) =>
      held(world, async (runtime) => {
        await runtime.setPermissions(world.context, { permissions: { allow: ['shell:cmd=touch *'] } });
        await runtime.setModel(world.context, { model: 'openai/gpt-4o-mini' });
        await runtime.setTitle(world.context, { title: 'Touching things' });
      }),
  },
  'form accepted': {
    turns: [ASK, { text: 'Blue it is.' }],
    play: (world) => form(world, { content: { colour: 'blue' } }),
  },
  'form declined': {
    turns: [ASK, { text: 'No colour then.' }],
    play: (world) => form(world, { decision: 'decline' }),
  },
  refused: {
    command: { team: TEAM, flags: ['--ask', 'refuse'], exit: 3 },
    turns: [touch('a'), ASK, { text: 'Nobody was there.' }],
    play: async (world) => world.run(await world.session(TEAM, { unattended: 'refuse' }), 'do it'),
  },
  handoff: {
    command: { team: HANDOFF, flags: [], exit: 0 },
    turns: [calls('handoff', { agent: 'helper' }), calls('shell', { cmd: 'pwd' }), { text: 'Helped.' }],
    play: async (world) => world.run(await world.session(HANDOFF), 'do it'),
  },
  fallback: {
    command: { team: FALLBACK, flags: [], exit: 0 },
    turns: [{ status: 429, error: { message: 'slow down' } }, { text: 'From another.' }],
    play: async (world) => world.run(await world.session(FALLBACK), 'do it'),
  },
  'provider refuses': {
    command: { team: TEAM, flags: [], exit: 1 },
    turns: [{ status: 401, error: { message: 'no such key' } }],
    play: async (world) => world.run(await world.session(TEAM), 'do it'),
  },
  'broken calls': {
    command: { team: TEAM, flags: [], exit: 0 },
    turns: [
      calls('no_such_tool', { a: 1 }),
      calls('read_file', { file: 'a.txt' }),
      { text: 'I see what I did.' },
    ],
    play: async (world) => world.run(await world.session(TEAM), 'do it'),
  },
  'loop detected': {
    command: { team: TEAM, flags: [], exit: 1 },
    turns: Array.from({ length: 5 }, () => calls('list_todos', {})),
    play: async (world) => world.run(await world.session(TEAM), 'do it'),
  },
  budget: {
    command: { team: TEAM, flags: ['--max-tokens', '1000'], exit: 1 },
    turns: [
      { ...calls('list_todos', {}), usage: { input: 850, output: 10 } },
      { ...calls('create_todos', { descriptions: ['a'] }), usage: { input: 200, output: 10 } },
    ],
    play: async (world) => world.run(await world.session(TEAM, { budget: { max_tokens: 1000 } }), 'do it'),
  },
  'own command': {
    turns: [{ text: 'I saw it.' }],
    async play(world) {
      const runtime = await world.session(TEAM);
      const { run_id } = await runtime.shell(world.context, { command: 'pwd; exit 3' });
      await collect(runtime.follow(world.context, { run_id }));
      await world.run(runtime, 'what was that?');
      return whole(world, runtime);
    },
  },
  undo: {
    turns: [
      calls('write_file', { path: 'a.txt', content: 'one\n' }),
      { text: 'Written.' },
      { text: 'As if nothing was.' },
    ],
    async play(world) {
      const runtime = await world.session(TEAM, { snapshots_enabled: true, safety: 'autonomous' });
      await world.run(runtime, 'write it');
      await runtime.undo(world.context, {});
      await world.run(runtime, 'go on');
      return whole(world, runtime);
    },
  },
  compaction: {
    turns: [
      { text: 'A first answer.' },
      { text: 'A summary of it all.' },
      { text: 'An answer that knows the summary.' },
    ],
    async play(world) {
      const runtime = await world.session(TEAM);
      await world.run(runtime, 'begin');
      const { run_id } = await runtime.compact(world.context, { instruction: 'keep the numbers' });
      await collect(runtime.follow(world.context, { run_id }));
      await world.run(runtime, 'go on');
      return whole(world, runtime);
    },
  },
};
