import { inspect } from 'node:util';
import { expect, test, type TestContext } from 'vitest';
import { cases, long, tried } from '../long.ts';
import { checkShown, checkWhole } from './check.ts';
import type { KillPoint } from './driver-process.ts';
import { DELEGATION, EFFECTS, PARALLEL, type Scenario } from './scenarios.ts';
import { openStage } from './stage.ts';

const WHENS = ['published', 'committed', 'before'] as const;

/** How many events the run has when nobody disturbs it. */
async function undisturbed(scenario: Scenario): Promise<number> {
  const stage = await openStage(scenario);
  const process = stage.process({ answer: 'approve' });
  const session_id = await stage.session(process);
  const run = await process.call('session/run', { session_id, messages: [{ content: scenario.message }] });
  expect(await process.ended(String(run?.['run_id']))).toBe(true);
  await process.close();
  expect(process.complaints).toBe('');
  const log = await checkWhole(stage, session_id, scenario);
  checkShown(process.events, log);
  await stage.close();
  return log.length;
}

async function killedAt(scenario: Scenario, kill: KillPoint): Promise<void> {
  const stage = await openStage(scenario);
  const first = stage.process({ answer: 'approve', kill });
  const session_id = await stage.session(first);
  await first.call('session/run', { session_id, messages: [{ content: scenario.message }] });
  await first.gone;
  expect(first.complaints).toBe('');
  const before = await stage.log(session_id);
  expect(before.length >= kill.seq).toBe(kill.when !== 'before');

  const second = stage.process({ answer: 'approve' });
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

async function everywhere(scenario: Scenario, context: TestContext): Promise<void> {
  const last = await undisturbed(scenario);
  const points: KillPoint[] = [];
  for (let seq = 2; seq <= last; seq += 1) for (const when of WHENS) points.push({ seq, when });
  // Eleven and three have no common factor: each kind of point comes in turn.
  const chosen = long ? points : points.filter((_, index) => index % 11 === 3);
  const failed: string[] = [];
  for (const kill of chosen) {
    try {
      await killedAt(scenario, kill);
    } catch (thrown) {
      failed.push(`killed ${kill.when} event ${kill.seq} of ${last}: ${inspect(thrown)}`);
    }
  }
  expect(failed).toEqual([]);
  tried(context, chosen.length);
}

test.for([EFFECTS, PARALLEL, DELEGATION])(
  'killed at its events, a run with $name goes on to one whole end',
  { timeout: cases(60_000, 900_000) },
  (scenario, context) => everywhere(scenario, context),
);
