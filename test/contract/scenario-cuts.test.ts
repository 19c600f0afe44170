import { inspect } from 'node:util';
import { describe, expect, test, type TestContext } from 'vitest';
import { randomOf, seedOf } from '../../src/testing/contract/arms.ts';
import { cuttingFetch, endOfEvent } from '../../src/testing/contract/cutting-fetch.ts';
import { comparable, playScenario, type Played } from '../../src/testing/contract/play.ts';
import { assertPreviews } from '../../src/testing/contract/previews.ts';
import type { Scenario } from '../../src/testing/contract/transcripts.ts';
import { SCENARIOS } from '../../src/testing/contract/transcripts.ts';
import type { WorldOptions } from '../../src/testing/contract/world.ts';
import type { Fate } from '../../src/testing/cutting-proxy.ts';
import { cases, long, tried } from '../long.ts';

const LIMIT = { timeout: cases(60_000, 900_000) };

/** With a model that takes its time, so that a client that was cut comes back into the middle of a text. */
function scenarioOf(name: string): Scenario {
  const { turns, play } = SCENARIOS[name] as Scenario;
  return { play, turns: turns.map((turn) => ({ delay_ms: 4, ...turn })) };
}

/** Plays every case, some at a time, and says of each one that went wrong which it was. */
async function through<Case>(
  all: readonly Case[],
  name: (each: Case) => string,
  perform: (each: Case) => Promise<void>,
): Promise<void> {
  const failed: string[] = [];
  const left = all.values();
  const work = async (): Promise<void> => {
    for (const each of left) {
      await perform(each).catch((thrown: unknown) => failed.push(`${name(each)}: ${inspect(thrown)}`));
    }
  };
  await Promise.all([work(), work(), work(), work()]);
  expect(failed).toEqual([]);
}

/** What a played scenario must be, however its connections went: no event twice or missing, no character either, and no second run. */
function assertSame(played: Played, whole: Played): void {
  expect(comparable(played)).toEqual(comparable(whole));
  assertPreviews(played.seen);
}

describe('a scenario whose stream is cut after each of its events', () => {
  const named = long ? Object.keys(SCENARIOS) : ['tool', 'steer', 'form accepted'];

  test.for(named)('%s', LIMIT, async (name, context) => {
    const scenario = scenarioOf(name);
    const counting = cuttingFetch(() => undefined);
    const whole = await playScenario(scenario, { arm: 'handler', wrap: counting.wrap });
    assertPreviews(whole.seen);
    const places = counting.events.flatMap((count, connection) =>
      Array.from({ length: count }, (_, after) => ({ connection, after })),
    );
    const offset = seedOf(name);
    const chosen = long ? places : places.filter((_, index) => (index + offset) % 8 === 0);
    const cuts = { done: 0 };
    await through(
      chosen,
      ({ connection, after }) => `stream ${connection} after event ${after}`,
      async (place) => {
        const state = cuttingFetch((sent, connection) =>
          connection === place.connection ? endOfEvent(sent, place.after) : undefined,
        );
        assertSame(await playScenario(scenario, { arm: 'handler', wrap: state.wrap }), whole);
        cuts.done += state.cuts;
      },
    );
    // Events that were one chunk with the last of a stream may not be cut any more, all others are.
    expect(cuts.done).toBeGreaterThan(chosen.length / 2);
    tried(context, chosen.length);
  });
});

const OVER_TCP = ['tool', 'rejection', 'sub-agent'];

/** Places of the bytes that came to the client, by connection. */
function placesIn(
  carried: readonly number[],
  count: number,
  seed: number,
): { connection: number; byte: number }[] {
  const random = randomOf(seed);
  const total = carried.reduce((sum, bytes) => sum + bytes, 0);
  return Array.from({ length: count }, () => {
    let byte = 1 + Math.floor(random() * total);
    let connection = 0;
    while (byte > (carried[connection] ?? Infinity)) byte -= carried[connection++] ?? 0;
    return { connection, byte };
  });
}

/** Plays a scenario with one connection of each case treated so, at a byte that the name gives. */
async function overTcp(
  name: string,
  count: number,
  fateAt: (byte: number) => Fate,
  context: TestContext,
  options: Partial<WorldOptions> = {},
): Promise<void> {
  const scenario = scenarioOf(name);
  const whole = await playScenario(scenario, { arm: 'cut', fate: () => ({ kind: 'whole' }) });
  const places = placesIn(whole.carried, count, seedOf(name));
  let broken = 0;
  await through(
    places,
    ({ connection, byte }) => `connection ${connection} at byte ${byte}`,
    async (place) => {
      const fate = (connection: number): Fate =>
        connection === place.connection ? fateAt(place.byte) : { kind: 'whole' };
      const played = await playScenario(scenario, { arm: 'cut', ...options, fate });
      assertSame(played, whole);
      broken += played.broken;
    },
  );
  // What is sent to whom over which connection differs a little each time, so a place may not be met.
  expect(broken).toBeGreaterThan(count / 2);
  tried(context, count);
}

describe('a scenario over TCP', () => {
  test.for(OVER_TCP)('%s, cut at any byte', LIMIT, (name, context) =>
    overTcp(name, cases(5, 67), (after) => ({ kind: 'cut', after }), context),
  );

  const SHORT = { heartbeat_ms: 100, times: { stall: 1_500 } };

  test.for(['stall', 'half-open'] as const)('a connection that meets a %s', LIMIT, async (kind, context) => {
    for (const name of long ? OVER_TCP : ['rejection'])
      await overTcp(name, cases(4, 20), (after) => ({ kind, after }), context, SHORT);
  });

  test('a server that refuses connections for a while', LIMIT, async () => {
    const scenario = scenarioOf('rejection');
    const whole = await playScenario(scenario, { arm: 'tcp' });
    const fate = (connection: number): Fate =>
      connection === 0
        ? { kind: 'cut', after: 2_500 }
        : connection < 6
          ? { kind: 'refuse' }
          : { kind: 'whole' };
    const played = await playScenario(scenario, { arm: 'cut', fate });
    assertSame(played, whole);
    expect(played.broken).toBe(6);
  });
});
