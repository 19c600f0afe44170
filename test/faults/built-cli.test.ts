import { mkdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { inspect } from 'node:util';
import { expect, test, type TestContext } from 'vitest';
import { cases, long, tried } from '../long.ts';
import { eventsOf, scratch, type Finished, type Running, type StartOptions } from '../e2e/cli.ts';
import { checkWhole } from './check.ts';
import type { Shown } from './driver-process.ts';
import { DELEGATION, EFFECTS, PARALLEL, type Scenario } from './scenarios.ts';
import { openStage, type Stage } from './stage.ts';

interface CliStage {
  stage: Stage;
  start(...words: string[]): Running;
  /** Begins the scenario's run. */
  begin(...flags: string[]): Running;
  resume(session_id: string, ...flags: string[]): Promise<Finished & { events: Shown[] }>;
}

/** The built command on a stage: its store is the stage's store. */
async function openCli(scenario: Scenario): Promise<CliStage> {
  const place = await scratch();
  mkdirSync(dirname(place.store), { recursive: true, mode: 0o700 });
  const stage = await openStage(scenario, 6, dirname(place.store));
  const team = join(place.root, 'team.yaml');
  await writeFile(team, scenario.team(stage.model.url));
  const options: StartOptions = { cwd: stage.folder, env: { OPENAI_API_KEY: 'test-key' } };
  const start = (...words: string[]): Running => place.start(words, options);
  return {
    stage,
    start,
    begin: (...flags) =>
      start('run', team, scenario.message, '--trust', '--json', '--safety', scenario.safety, ...flags),
    async resume(session_id, ...flags) {
      const words = ['run', '--session', session_id, '--json', '--safety', scenario.safety, ...flags];
      const finished = await start(...words).finished;
      return { ...finished, events: eventsOf(finished.stdout) };
    },
  };
}

function sessionOf(running: Running): string {
  return String(eventsOf(running.stdout.slice(0, running.stdout.lastIndexOf('\n')))[0]?.['session_id']);
}

/** Killed as soon as it printed this event, and gone on with by the same command in a second process. */
async function killedAt(scenario: Scenario, seq: number): Promise<void> {
  const { stage, begin, resume } = await openCli(scenario);
  const first = begin();
  await first.shows(new RegExp(`"seq":${seq}[,}]`));
  first.signal('SIGKILL');
  await first.finished;
  const session_id = sessionOf(first);
  const before = await stage.log(session_id);
  const { code, events, stderr } = await resume(session_id);
  // It may have come to the end before the signal came to it.
  if (before.at(-1)?.type === 'stream_stopped') {
    expect([code, stderr]).toEqual([2, expect.stringContaining('nothing to end')]);
  } else {
    expect([code, events[0]?.type]).toEqual([0, 'run_recovered']);
    expect(events.at(-1)).toMatchObject({ type: 'stream_stopped', reason: 'normal' });
  }
  const log = await checkWhole(stage, session_id, scenario);
  expect(log.slice(0, before.length)).toEqual(before);
  const durable = events.filter((event) => event.seq !== undefined);
  expect(durable).toEqual(log.slice(log.length - durable.length));
  await stage.close();
}

async function killedEvery(scenario: Scenario, seqs: readonly number[], context: TestContext): Promise<void> {
  const failed: string[] = [];
  for (const seq of seqs) {
    try {
      await killedAt(scenario, seq);
    } catch (thrown) {
      failed.push(`killed after event ${seq}: ${inspect(thrown)}`);
    }
  }
  expect(failed).toEqual([]);
  tried(context, seqs.length);
}

// Events of these runs: 9 asks the model, 13 decides on the first call, 14 starts it, 17 is the second answer of the model.
const sample = (every: number): number[] => [3, 9, 13, 14, 17].filter((_, index) => index % every === 0);

test.for([
  { scenario: EFFECTS, short: [9, 14] },
  { scenario: PARALLEL, short: [13] },
])(
  'killed on the command line, a run with $scenario.name goes on with `run --session`',
  { timeout: cases(180_000, 300_000) },
  ({ scenario, short }, context) => killedEvery(scenario, long ? sample(1) : short, context),
);

/** A run of the command that is killed while it waits for a person. */
async function killedWaiting(): Promise<CliStage & { session_id: string; request_id: unknown }> {
  const cli = await openCli(DELEGATION);
  const first = cli.begin('--ask', 'wait');
  await first.shows('tool_call_confirmation');
  first.signal('SIGKILL');
  await first.finished;
  const session_id = sessionOf(first);
  const log = await cli.stage.log(session_id);
  const question = log.find((event) => event.type === 'tool_call_confirmation');
  return { ...cli, session_id, request_id: question?.['request_id'] };
}

test('a question of a killed run is refused by `--ask refuse`: the run ends, exit 3, and nothing happened', async () => {
  const { stage, resume, session_id, request_id } = await killedWaiting();
  const { code, events } = await resume(session_id, '--ask', 'refuse');
  expect(code).toBe(3);
  expect(events[0]?.type).toBe('run_recovered');
  expect(events.at(-1)).toMatchObject({ type: 'stream_stopped', reason: 'normal', refused: 1 });
  expect(events.find((event) => event.type === 'interaction_resolved')).toMatchObject({ request_id });
  expect(await stage.effects()).toEqual([]);
});

test('a question of a killed run waits again in `--ask wait`, and a second process answers it', async () => {
  const { stage, start, session_id, request_id } = await killedWaiting();
  const waiting = start('run', '--session', session_id, '--json', '--safety', 'balanced', '--ask', 'wait');
  await waiting.shows('tool_call_confirmation');
  const second = stage.process();
  await second.call('session/answer', { session_id, request_id, decision: 'approve' });
  const { code, stdout } = await waiting.finished;
  const events = eventsOf(stdout);
  expect([code, events[0]?.type]).toEqual([0, 'run_recovered']);
  expect(events.find((event) => event.type === 'tool_call_confirmation')).toMatchObject({ request_id });
  await checkWhole(stage, session_id, DELEGATION);
});

test('a run that was accepted and not begun is followed to its end by `run --session`', async () => {
  const { stage, resume } = await openCli(EFFECTS);
  const first = stage.process({ kill: { seq: 2, when: 'before' } });
  const session_id = await stage.session(first);
  await first.call('session/run', { session_id, messages: [{ content: EFFECTS.message }] });
  await first.gone;
  expect(await stage.look((store) => store.pendingInputs(session_id))).toHaveLength(1);
  const { code, events } = await resume(session_id);
  expect([code, events[0]?.type]).toEqual([0, 'user_message']);
  expect(events.at(-1)).toMatchObject({ type: 'stream_stopped', reason: 'normal' });
  await checkWhole(stage, session_id, EFFECTS);
});
