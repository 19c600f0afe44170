import { inspect } from 'node:util';
import { expect, test, type TestContext } from 'vitest';
import { cases, long, tried } from '../long.ts';
import { checkShown, checkWhole } from './check.ts';
import type { DriverOptions, DriverProcess, KillPoint } from './driver-process.ts';
import {
  COMMAND,
  COMPACTION,
  DELEGATION,
  EFFECTS,
  GUARDED,
  HANDOFF,
  JOBS,
  PARALLEL,
  type Scenario,
  STEERED,
  TOGETHER,
} from './scenarios.ts';
import { openStage } from './stage.ts';

const SCENARIOS = [
  EFFECTS,
  PARALLEL,
  DELEGATION,
  TOGETHER,
  STEERED,
  JOBS,
  HANDOFF,
  COMMAND,
  COMPACTION,
  GUARDED,
];
const WHENS = ['published', 'committed', 'before'] as const;

/** Whoever drives a run says yes to its questions, and sends what belongs to the scenario. */
function helpful({ steer }: Scenario): Partial<DriverOptions> {
  return { answer: 'approve', ...(steer === undefined ? {} : { steer }) };
}

/** Has that process begin what is killed; what is said before it is over by then. */
async function begin(
  process: DriverProcess,
  session_id: string,
  { begin: other, message }: Scenario,
): Promise<string> {
  const said = other === undefined ? message : other.first;
  const run =
    said === undefined
      ? undefined
      : await process.call('session/run', { session_id, messages: [{ content: said }] });
  if (other === undefined) return String(run?.['run_id']);
  if (run !== undefined) expect(await process.ended(String(run['run_id']))).toBe(true);
  return String((await process.call(other.operation, { session_id, ...other.request }))?.['run_id']);
}

/** What a log holds from the run on that is killed. */
function ofKilled<Event extends { type: string; parent?: unknown }>(
  log: readonly Event[],
  { begin: other }: Scenario,
): readonly Event[] {
  return other?.first === undefined ? log : log.slice(log.findIndex(isEnd) + 1);
}

interface Undisturbed {
  /** What it ran in. */
  spare: DriverProcess;
  /** Of the run's events, in order, when nobody disturbs it. */
  types: string[];
  /** How many stand before them. */
  before: number;
}

async function undisturbed(scenario: Scenario): Promise<Undisturbed> {
  const stage = await openStage(scenario);
  const process = stage.process(helpful(scenario));
  const session_id = await stage.session(process);
  const run_id = await begin(process, session_id, scenario);
  expect(await process.ended(run_id)).toBe(true);
  const spare = await stage.spared(process);
  expect(process.complaints).toBe('');
  const log = await checkWhole(stage, session_id, scenario);
  checkShown(process.events, log);
  await stage.close();
  const killed = ofKilled(log, scenario).map((event) => event.type);
  // What comes after the end is said while the process closes.
  const types = killed.slice(0, killed.lastIndexOf('stream_stopped') + 1);
  return { spare, types, before: log.length - killed.length };
}

/** What is killed runs in a process that had a Host before, where one is spare; what goes on is always a new process. */
async function killedAt(scenario: Scenario, kill: KillPoint, spares: DriverProcess[]): Promise<void> {
  const stage = await openStage(scenario);
  const first = await stage.processIn(spares.pop(), { ...helpful(scenario), kill });
  const session_id = await stage.session(first);
  await begin(first, session_id, scenario);
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
  const held = ofKilled(before, scenario);
  const over = held.some(isEnd);
  const cut = held.some((event) => event.type === 'stream_started') && !over;
  const recovered = resumed?.['recovered'] as { run_id: string; after: number } | undefined;
  if (over) expect(recovered).toBeUndefined();
  else {
    await second.call('session/events', { session_id, ...recovered });
    expect(await second.ended(recovered?.run_id ?? 'no run')).toBe(true);
    const [next] = second.events;
    if (cut) expect(next?.type).toBe('run_recovered');
    else if (scenario.begin === undefined) expect(next?.type).toBe('user_message');
    else expect(next?.seq).toBe(before.length + 1);
  }
  const spare = await stage.spared(second);
  expect(second.complaints).toBe('');

  const log = await checkWhole(stage, session_id, scenario);
  expect(log.slice(0, before.length)).toEqual(before);
  checkShown(first.events, log);
  checkShown(second.events, log);
  expect(log.filter((event) => event.type === 'run_recovered')).toHaveLength(cut ? 1 : 0);
  await stage.close();
  spares.push(spare);
}

function isEnd(event: { type: string; parent?: unknown }): boolean {
  return event.type === 'stream_stopped' && event.parent === undefined;
}

/** At each event of a scenario the process is killed once, by turns around its commit and after it was shown. */
function everyPoint({ types, before }: Undisturbed, { sparse }: Scenario): KillPoint[] {
  // Nothing is killed at the first event of a session, which is its making.
  const seqs = types.map((_, index) => before + index + 1).filter((seq) => seq > 1);
  if (sparse === true)
    return seqs.flatMap((seq, index) =>
      WHENS.slice(index % 3, (index % 3) + 1).map((when) => ({ seq, when })),
    );
  const published = seqs.map((seq) => ({ seq, when: 'published' as const }));
  const around = seqs.flatMap((seq) => WHENS.slice(1).map((when) => ({ seq, when })));
  return [...published, ...around.filter((_, index) => index % 3 === 0)];
}

/** One event of every second kind, dealt to the scenarios; the three moments come by turns. The long form has them all. */
function onePointOfEach(scenario: Scenario, { types, before }: Undisturbed): KillPoint[] {
  return scenario.short.flatMap((type, index) => {
    const when = index % 2 === 0 ? WHENS[(index / 2) % WHENS.length] : undefined;
    return when === undefined ? [] : [{ seq: before + types.lastIndexOf(type) + 1, when }];
  });
}

/** The long form holds the short one. */
function withAll(many: readonly KillPoint[], few: readonly KillPoint[]): KillPoint[] {
  const isThere = ({ seq, when }: KillPoint) =>
    many.some((point) => point.seq === seq && point.when === when);
  return [...many, ...few.filter((point) => !isThere(point))];
}

async function everywhere(scenario: Scenario, context: TestContext): Promise<void> {
  const quiet = await undisturbed(scenario);
  const { types, before } = quiet;
  const dealt = new Set(SCENARIOS.flatMap(({ short }) => short));
  expect(types.slice(1).filter((type) => !dealt.has(type))).toEqual([]);
  expect(scenario.short.filter((type) => !types.includes(type))).toEqual([]);
  const few = onePointOfEach(scenario, quiet);
  const points = long ? withAll(everyPoint(quiet, scenario), few) : few;
  const failed: string[] = [];
  const spares = [quiet.spare];
  const left = points.values();
  const goThrough = async (): Promise<void> => {
    for (const kill of left) {
      try {
        await killedAt(scenario, kill, spares);
      } catch (thrown) {
        const event = `event ${kill.seq} of ${before + types.length} (${types[kill.seq - before - 1]})`;
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
  { timeout: cases(300_000, 600_000) },
  (scenario, context) => everywhere(scenario, context),
);
