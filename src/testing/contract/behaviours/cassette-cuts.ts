import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Runtime } from '../../../protocol/backend.ts';
import type { ScriptedTurn } from '../../model-server/script.ts';
import {
  calls,
  logOf,
  ofType,
  stopReason,
  teamOf,
  uncut,
  Watcher,
  type Behaviours,
  type Stage,
} from '../support.ts';
import { collect, type Event, type World } from '../world.ts';

const helper = (name: string): string[] => [
  `  ${name}:`,
  '    model: openai/gpt-4o-mini',
  `    description: Is ${name}`,
  `    instruction: You are ${name}.`,
  '    toolsets:',
  '      - type: think',
];
const TEAM = [
  teamOf([], { agent: ['sub_agents: [ann, bob]'] }).trimEnd(),
  ...helper('ann'),
  ...helper('bob'),
  '',
].join('\n');

const by = (words: string): Pick<ScriptedTurn, 'when'> => ({
  when: ({ body }) => JSON.stringify(body).includes(words),
});
/** Two tasks are the same to the letter, so that their requests are too; a third one is another agent's. */
const TASKS = ['ann', 'ann', 'bob'];
const think = calls('think', { thought: 'well' }, 'thought');
const TURNS: ScriptedTurn[] = [
  {
    tool_calls: TASKS.map((agent) => ({ name: 'transfer_task', arguments: { agent, task: 'Work.' } })),
    ...by('Do what you are told.'),
  },
  { status: 503, error: { message: 'busy' }, ...by('You are ann.') },
  { ...think, ...by('You are ann.') },
  { ...think, ...by('You are ann.') },
  { status: 503, error: { message: 'busy' }, ...by('You are bob.') },
  { ...think, ...by('You are bob.') },
  { text: 'ann is done', ...by('You are ann.') },
  { status: 503, error: { message: 'busy' }, ...by('You are ann.') },
  { text: 'ann is done', ...by('You are ann.') },
  { text: 'bob is done', ...by('You are bob.') },
  { text: 'all done', ...by('Do what you are told.') },
];

/** The recorded interactions that a log says were played, in order. */
const played = (events: readonly Event[]): number[] =>
  events.flatMap((event) => (event['played'] as number[] | undefined) ?? []).toSorted((a, b) => a - b);

async function recording({ open }: Stage): Promise<Uint8Array> {
  const world = await open(TURNS);
  const runtime = await world.session(TEAM, { runtime_config: { cassette: { mode: 'record' } } });
  expect(stopReason(await world.run(runtime, 'go'))).toBe('normal');
  expect(world.model.journal).toHaveLength(TURNS.length);
  return (await runtime.cassette(world.context, {})).bytes;
}

const BUSY: ScriptedTurn = { status: 503, error: { message: 'busy' } };

async function compacted(world: World, runtime: Runtime): Promise<Event[]> {
  const { run_id } = await runtime.compact(world.context, {});
  return collect(runtime.follow(world.context, { after: 0, run_id }));
}

/** A Host, and what makes another one of the same data once the first is let go. */
async function overRestart<Result>(
  { open }: Stage,
  body: (first: World, second: () => Promise<World>) => Promise<Result>,
): Promise<Result> {
  const data = await mkdtemp(join(tmpdir(), 'yonder-cut-'));
  const folder = await mkdtemp(join(tmpdir(), 'yonder-work-'));
  try {
    const first = await open([], { data, folder });
    return await body(first, async () => {
      await first.close();
      return open([], { data, folder });
    });
  } finally {
    await rm(data, { recursive: true, force: true });
    await rm(folder, { recursive: true, force: true });
  }
}

/** Plays a recording, lets the Host go when so many events of that type were shown, and goes on in another one; the whole log. */
function cutAt(stage: Stage, bytes: Uint8Array, type: string, times: number): Promise<Event[]> {
  return overRestart(stage, async (first, second) => {
    const media_type = 'application/yaml';
    const { upload_id } = await first.backend.upload(first.context, { media_type }, bytes);
    const { session_id } = await first.session(TEAM, {
      runtime_config: { cassette: { mode: 'replay', upload_id } },
    });
    const runtime = first.backend.session(session_id);
    const watcher = new Watcher(await runtime.run(first.context, { messages: [{ content: 'go' }] }));
    for (let count = 0; count < times; count += 1) await watcher.until(type);
    const next = await second();
    const { recovered } = await next.backend.createSession(next.context, { resume_session_id: session_id });
    const again = next.backend.session(session_id);
    // A reader over a socket may be so late that the run had ended before the Host was let go.
    if (recovered !== undefined)
      await new Watcher(again.follow(next.context, { after: 0, run_id: recovered.run_id })).rest();
    return logOf(next, session_id);
  });
}

export const cassetteCutBehaviours: Behaviours = {
  'tasks side by side whose requests are the same, tried again and cut anywhere, play each recorded answer once':
    uncut(async (stage) => {
      const bytes = await recording(stage);
      for (const [type, count] of [
        ['model_call', 3],
        ['warning', 2],
        ['message_added', 3],
      ] as const) {
        const log = await cutAt(stage, bytes, type, count);
        expect([type, count, ofType(log, 'error').map(({ error }) => error)]).toEqual([type, count, []]);
        expect(ofType(log, 'stream_stopped').map(({ reason }) => reason)).toEqual(Array(4).fill('normal'));
        expect([type, count, played(log)]).toEqual([type, count, TURNS.map((_, index) => index)]);
      }
    }),

  'the answers that a failed compaction was given are not given again after a restart': async (stage) => {
    const turns = [{ text: 'first' }, BUSY, BUSY, BUSY, { text: 'second' }];
    const world = await stage.open(turns);
    const recorded = await world.session(teamOf(), { runtime_config: { cassette: { mode: 'record' } } });
    await world.run(recorded, 'one');
    expect(stopReason(await compacted(world, recorded))).toBe('error');
    await world.run(recorded, 'two');
    const { bytes } = await recorded.cassette(world.context, {});
    await overRestart(stage, async (first, second) => {
      const media_type = 'application/yaml';
      const { upload_id } = await first.backend.upload(first.context, { media_type }, bytes);
      const { session_id } = await first.session(teamOf(), {
        runtime_config: { cassette: { mode: 'replay', match: 'order', upload_id } },
      });
      await first.run(first.backend.session(session_id), 'one');
      await compacted(first, first.backend.session(session_id));
      const again = await second();
      await again.backend.createSession(again.context, { resume_session_id: session_id });
      const events = await again.run(again.backend.session(session_id), 'two');
      expect([stopReason(events), ofType(events, 'warning')]).toEqual(['normal', []]);
      expect(played(await logOf(again, session_id))).toEqual([0, 1, 2, 3, 4]);
    });
  },
};
