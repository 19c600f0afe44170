import { inspect } from 'node:util';
import { expect, test, type TestContext } from 'vitest';
import { cases, long, tried } from '../long.ts';
import { checkShown, checkWhole } from './check.ts';
import type { DriverOptions, KillPoint } from './driver-process.ts';
import { DELEGATION, EFFECTS, JOBS, PARALLEL, type Scenario, STEERED, TOGETHER } from './scenarios.ts';
import { openStage } from './stage.ts';

const SCENARIOS = [EFFECTS, PARALLEL, DELEGATION, TOGETHER, STEERED, JOBS];
const WHENS = ['published', 'committed', 'before'] as const;

/** Whoever drives a run says yes to its questions, and sends what belongs to the scenario. */
function helpful({ steer }: Scenario): Partial<DriverOptions> {
  return { answer: 'approve', ...(steer === undefined ? {} : { steer }) };
}

/** The types of the run's events, in order, when nobody disturbs it. */
async function undisturbed(scenario: Scenario): Promise<string[]> {
  const stage = await openStage(scenario);
  const process = stage.process(helpful(scenario));
  const session_id = await stage.session(process);
  const run = await process.call('session/run', { session_id, messages: [{ content: scenario.message }] });
  expect(await process.ended(String(run?.['run_id']))).toBe(true);
  await process.close();
  expect(process.complaints).toBe('');
  const log = await checkWhole(stage, session_id, scenario);
  checkShown(process.events, log);
  await stage.close();
  const types = log.map((event) => event.type);
  // What comes after the end is said while the process closes.
  return types.slice(0, types.lastIndexOf('stream_stopped') + 1);
}

async function killedAt(scenario: Scenario, kill: KillPoint): Promise<void> {
  const stage = await openStage(scenario);
  const first = stage.process({ ...helpful(scenario), kill });
  const session_id = await stage.session(first);
  await first.call('session/run', { session_id, messages: [{ content: scenario.message }] });
  await first.gone;
  expect(first.complaints).toBe('');
  const before = await stage.log(session_id);
  expect(before.length >= kill.seq).toBe(kill.when !== 'before');

  const second = stage.process(helpful(scenario));
  const resumed = await second.call('session/create', {
    resume_session_id: session_id,
    // A resumed session is as strict as either day's flags (R25).
    safety: scenario.safety,
  });
  const cut = before.some((event) => event.type === 'stream_started') && !isOver(before);
  const recovered = resumed?.['recovered'] as { run_id: string; after: number } | undefined;
  if (isOver(before)) expect(recovered).toBeUndefined();
  else {
    await second.call('session/events', { session_id, ...recovered });
    expect(await second.ended(recovered?.run_id ?? 'no run')).toBe(true);
    expect(second.events[0]?.type).toBe(cut ? 'run_recovered' : 'user_message');
  }
  await second.close();
  expect(second.complaints).toBe('');

  const log = await checkWhole(stage, session_id, scenario);
  expect(log.slice(0, before.length)).toEqual(before);
  checkShown(first.events, log);
  checkShown(second.events, log);
  expect(log.filter((event) => event.type === 'run_recovered')).toHaveLength(cut ? 1 : 0);
  await stage.close();
}

function isOver(log: readonly { type: string; parent?: unknown }[]): boolean {
  return log.some((event) => event.type === 'stream_stopped' && event.parent === undefined);
}

/** At each event of a scenario the process is killed once, by turns around its commit and after it was shown. */
function everyPoint(types: readonly string[]): KillPoint[] {
  const seqs = types.map((_, index) => index + 1).slice(1);
  const published = seqs.map((seq) => ({ seq, when: 'published' as const }));
  const around = seqs.flatMap((seq) => WHENS.slice(1).map((when) => ({ seq, when })));
  return [...published, ...around.filter((_, index) => index % 3 === 0)];
}

/** One event of every second kind, dealt to the scenarios; the three moments come by turns. The long form has them all. */
function onePointOfEach(scenario: Scenario, types: readonly string[]): KillPoint[] {
  return scenario.short.flatMap((type, index) => {
    const when = index % 2 === 0 ? WHENS[(index / 2) % WHENS.length] : undefined;
    return when === undefined ? [] : [{ seq: types.lastIndexOf(type) + 1, when }];
  });
}

async function everywhere(scenario: Scenario, context: TestContext): Promise<void> {
  const types = await undisturbed(scenario);
  const dealt = new Set(SCENARIOS.flatMap(({ short }) => short));
  expect(types.slice(1).filter((type) => !dealt.has(type))).toEqual([]);
  expect(scenario.short.filter((type) => !types.includes(type))).toEqual([]);
  const points = long ? everyPoint(types) : onePointOfEach(scenario, types);
  const failed: string[] = [];
  const left = points.values();
  const goThrough = async (): Promise<void> => {
    for (const kill of left) {
      try {
        await killedAt(scenario, kill);
      } catch (thrown) {
        const event = `event ${kill.seq} of ${types.length} (${types[kill.seq - 1]})`;
        failed.push(`killed ${kill.when} ${event}: ${inspect(thrown)}`);
        if (long) console.log(failed.at(-1));
      }
    }
  };
  await Promise.all([goThrough(), goThrough()]);
  if (long) console.log(`${scenario.name}: killed at ${points.length} points, ${failed.length} failed`);
  expect(failed).toEqual([]);
  tried(context, points.length);
}

test.for(SCENARIOS)(
  'killed at its events, a run with $name goes on to one whole end',
  { timeout: cases(120_000, 600_000) },
  (scenario, context) => everywhere(scenario, context),
);
