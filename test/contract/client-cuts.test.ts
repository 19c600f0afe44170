import { describe, expect, test } from 'vitest';
import { bindBackend } from '../../src/protocol/backend.ts';
import type { WireEvent } from '../../src/protocol/events/events.ts';
import type { ScriptedTurn } from '../../src/testing/model-server/script.ts';
import {
  assertDense,
  calls,
  logOf,
  ofType,
  teamOf,
  types,
  Watcher,
} from '../../src/testing/contract/support.ts';
import { cuttingFetch, endOfEvent, type CuttingFetch } from '../../src/testing/contract/cutting-fetch.ts';
import { overHandler } from '../../src/testing/contract/over-handler.ts';
import { assertPreviews, previewedTexts } from '../../src/testing/contract/previews.ts';
import { collect, openWorld, type Event } from '../../src/testing/contract/world.ts';

const TIMES = { firstDelay: 1, longestDelay: 2, giveUpAfter: 20_000 };
const TEAM = teamOf(['shell', 'think']);
const TEXT = 'A last word that comes in a few pieces.';
const TURNS: ScriptedTurn[] = [
  { text: 'I will look first.', ...calls('shell', { cmd: 'echo one; echo two >&2' }) },
  { text: TEXT },
];

interface Seen {
  events: Event[];
  log: Event[];
}

/** One world, in which runs are read through connections that break; a new session each. */
async function withRuns(
  perform: (run: (state: CuttingFetch, turns: readonly ScriptedTurn[]) => Promise<Seen>) => Promise<void>,
): Promise<void> {
  const world = await openWorld({ arm: 'handler' });
  try {
    await perform(async (state, turns) => {
      world.model.add(...turns);
      const { session_id } = await world.session(TEAM, { safety: 'autonomous' });
      const backend = bindBackend(overHandler(world.inner, { wrap: state.wrap, times: TIMES }));
      const runtime = backend.session(session_id);
      const events = await collect(await runtime.run(world.context, { messages: [{ content: 'go' }] }));
      return { events, log: (await logOf(world, session_id)).slice(1) };
    });
  } finally {
    await world.close();
  }
  world.model.assertValid();
}

function assertWhole({ events, log }: Seen): void {
  const durable = events.filter((event) => event.seq !== undefined);
  assertDense(durable, 2);
  expect(durable).toEqual(log);
  assertPreviews(events);
}

describe('a stream that is cut', () => {
  test('after every event: each durable event once, texts right, the loss shown', () =>
    withRuns(async (runThrough) => {
      const whole = await runThrough(
        cuttingFetch(() => undefined),
        TURNS,
      );
      assertWhole(whole);
      expect(types(whole.events)).not.toContain('connection_lost');
      const count = whole.events.length;
      expect(count).toBeGreaterThan(15);
      for (let number = 0; number < count - 1; number += 1) {
        const state = cuttingFetch((sent, connection) =>
          connection === 0 ? endOfEvent(sent, number) : undefined,
        );
        const seen = await runThrough(state, TURNS);
        assertWhole(seen);
        const shown = types(seen.events).filter((type) => type.startsWith('connection_'));
        expect(shown).toEqual(state.cuts === 0 ? [] : ['connection_lost', 'connection_restored']);
        expect(seen.events.at(-1)).toMatchObject({ type: 'stream_stopped', reason: 'normal' });
      }
    }));

  test('in the middle of an event, and of a character', () =>
    withRuns(async (runThrough) => {
      for (const behind of [1, 5, 40]) {
        const state = cuttingFetch((sent, connection) => {
          const end = connection === 0 ? endOfEvent(sent, 6) : undefined;
          return end === undefined || sent.length < end + behind ? undefined : end + behind;
        });
        const seen = await runThrough(state, TURNS);
        assertWhole(seen);
        expect(state.cuts).toBe(1);
      }
    }));

  test('again and again, after each two events', () =>
    withRuns(async (runThrough) => {
      const state = cuttingFetch((sent, connection) => (connection < 8 ? endOfEvent(sent, 2) : undefined));
      const seen = await runThrough(state, TURNS);
      assertWhole(seen);
      expect(state.cuts).toBe(8);
      expect(ofType(seen.events, 'connection_restored').length).toBeGreaterThan(0);
    }));

  test('with events of more than 64 KiB, in their middle', () =>
    withRuns(async (runThrough) => {
      const long = `${'ä long line of a long text\n'.repeat(12_000)}end`;
      const turns = [{ text: long, delta_size: 100_000 }];
      const state = cuttingFetch((sent, connection) =>
        connection < 2 && sent.length > 150_000 ? 150_000 : undefined,
      );
      const seen = await runThrough(state, turns);
      assertWhole(seen);
      expect(state.cuts).toBeGreaterThan(0);
      const [added] = ofType(seen.events, 'message_added');
      expect(added).toMatchObject({ message: { content: long } });
    }));
});

describe('a text that stays open over a cut', () => {
  test('is offered again from its beginning, and the reader sees each character once', async () => {
    const world = await openWorld({ arm: 'handler', turns: [{ text: TEXT, hang_after: 4 }] });
    try {
      const { session_id } = await world.session(TEAM);
      const state = cuttingFetch((sent, connection) =>
        connection === 0 && sent.includes('"type":"agent_choice"') ? sent.length : undefined,
      );
      const backend = bindBackend(overHandler(world.inner, { wrap: state.wrap, times: TIMES }));
      const runtime = backend.session(session_id);
      const watcher = new Watcher(await runtime.run(world.context, { messages: [{ content: 'go' }] }));
      await watcher.until('connection_restored');
      await world.backend.session(session_id).interrupt(world.context, {});
      const events = await watcher.rest();
      expect(state.cuts).toBe(1);
      const [shown] = previewedTexts(events);
      expect(shown?.text.length).toBeGreaterThanOrEqual(12);
      expect(TEXT.startsWith(shown?.text ?? '-')).toBe(true);
    } finally {
      await world.close();
    }
  });
});

describe('a log that is followed through cuts', () => {
  test('is the same as the stored one, whatever the cursor', async () => {
    const world = await openWorld({ arm: 'handler', turns: TURNS });
    try {
      const { session_id } = await world.session(TEAM, { safety: 'autonomous' });
      await world.run(world.backend.session(session_id), 'go');
      const log = await logOf(world, session_id);
      for (const after of [0, 3, log.length - 1]) {
        const state = cuttingFetch((sent, connection) => (connection < 3 ? endOfEvent(sent, 2) : undefined));
        const backend = bindBackend(overHandler(world.inner, { wrap: state.wrap, times: TIMES }));
        const stream = backend.session(session_id).follow(world.context, { after, follow: false });
        const events = (await collect(stream)).filter((event) => event.seq !== undefined);
        expect(events).toEqual(log.slice(after));
      }
    } finally {
      await world.close();
    }
  });
});

describe('a slow reader', () => {
  async function slowly(stream: AsyncIterable<WireEvent>, ended: Promise<unknown>): Promise<Event[]> {
    const iterator = stream[Symbol.asyncIterator]();
    const first = await iterator.next();
    await ended;
    const rest = await collect({ [Symbol.asyncIterator]: () => iterator });
    return [JSON.parse((first.value as WireEvent).json) as Event, ...rest];
  }

  test.each(['local', 'handler'] as const)('lacks nothing, and is not sent each delta (%s)', async (arm) => {
    const text = 'a few words '.repeat(2_000);
    const world = await openWorld({ arm, turns: [{ text, delta_size: 12 }] });
    try {
      const runtime = await world.session(TEAM);
      const stream = await runtime.run(world.context, { messages: [{ content: 'go' }] });
      const ended = collect(runtime.follow(world.context, { run_id: stream.run_id }));
      const events = await slowly(stream, ended);
      assertWhole({ events, log: (await logOf(world, runtime.session_id)).slice(1) });
      expect(previewedTexts(events).map((shown) => shown.text)).toEqual([text]);
      expect(ofType(events, 'agent_choice').length).toBeLessThan(1_000);
    } finally {
      await world.close();
      world.model.assertValid();
    }
  });
});
