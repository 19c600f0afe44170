import { describe, expect, test } from 'vitest';
import { classOf, normalise } from '../../src/testing/contract/normalise.ts';
import { comparable, playScenario, type Played } from '../../src/testing/contract/play.ts';
import { SCENARIOS, type Scenario } from '../../src/testing/contract/transcripts.ts';
import { armsOf, seedOf } from '../../src/testing/contract/arms.ts';
import type { Event } from '../../src/testing/contract/world.ts';

const other = (text: string): string =>
  text.endsWith('9') ? `${text.slice(0, -1)}8` : `${text.slice(0, -1)}9`;

/** Another value of the same type; of a time another time. */
function changed(value: unknown): unknown {
  if (typeof value === 'string' && /\dZ$/.test(value)) return `${other(value.slice(0, -1))}Z`;
  if (typeof value === 'string') return value === '' ? 'x' : other(value);
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'boolean') return !value;
  return 'x';
}

/** Every single change of a leaf of the event, with the class of its field. */
function* twins(
  value: object,
  rebuild: (inner: unknown) => Event,
): Generator<{ twin: Event; field: string; kind: string }> {
  for (const [key, inner] of Object.entries(value)) {
    const put = (next: unknown): Event =>
      rebuild(Array.isArray(value) ? value.with(Number(key), next) : { ...value, [key]: next });
    if (typeof inner === 'object' && inner !== null) yield* twins(inner, put);
    else yield { twin: put(changed(inner)), field: key, kind: classOf(key, inner) ?? 'plain' };
  }
}

describe('each transcript', () => {
  test.each(Object.entries(SCENARIOS))('%s is the same in every arm', async (name, scenario) => {
    const [near = 'local', ...others] = armsOf(name);
    const local = await playScenario(scenario, { arm: near });
    const whole = comparable(local);
    expect(whole.events.at(-1)).toMatchObject({ type: 'stream_stopped' });
    expect(JSON.stringify(whole)).not.toContain(local.folder);
    const seed = seedOf(name);
    for (const played of await Promise.all(others.map((arm) => playScenario(scenario, { arm, seed }))))
      expect(comparable(played), played.arm).toEqual(whole);
  });

  test('there are more than twenty-five', () => {
    expect(Object.keys(SCENARIOS).length).toBeGreaterThan(25);
    expect(Object.keys(SCENARIOS)).toEqual(
      expect.arrayContaining([
        'text',
        'reasoning',
        'tool',
        'parallel',
        'rejection',
        'rule',
        'sub-agent',
        'skill run',
        'max iterations',
        'interrupt',
        'resume',
        'steer',
        'follow-up',
        'pause',
        'form accepted',
        'handoff',
        'fallback',
        'hook rewrites',
        'hook denies',
        'hook stops',
      ]),
    );
  });
});

describe('the normaliser sees every change but those of ids, times, durations and the workspace', () => {
  const seenOf = async (name: string): Promise<Played> =>
    playScenario(SCENARIOS[name] as Scenario, { arm: 'local' });

  test('each leaf of each event, changed alone', async () => {
    const kinds = new Set<string>();
    for (const name of ['reasoning', 'rule', 'sub-agent', 'interrupt']) {
      const { events, folder } = await seenOf(name);
      for (const event of events) {
        const [whole] = normalise([event], folder);
        for (const { twin, field, kind } of twins(event, (inner) => inner as Event)) {
          kinds.add(kind);
          if (field === 'seq') continue;
          const [seen] = normalise([twin], folder);
          const where = `${event.type}.${field}`;
          if (kind === 'time' || kind === 'duration') expect(seen, where).toEqual(whole);
          else if (kind === 'plain') expect(seen, where).not.toEqual(whole);
        }
      }
    }
    expect([...kinds].toSorted()).toEqual(['duration', 'id', 'plain', 'time']);
  });

  test('numbers, order, a missing and a doubled event', async () => {
    const { events, folder } = await seenOf('tool');
    const whole = normalise(events, folder);
    const at = events.findIndex((event) => event.type === 'model_call');
    const broken = [
      events.map((event) => ({ ...event, seq: (event.seq ?? 0) + 1 })),
      events.toSpliced(at, 1),
      events.toSpliced(at, 0, events[at] as Event),
      events.toSpliced(at, 2, events[at + 1] as Event, events[at] as Event),
      events.toSpliced(at, 1, { ...(events[at] as Event), extra: null }),
    ];
    for (const twin of broken) expect(normalise(twin, folder)).not.toEqual(whole);
  });

  test('ids are free, but what refers to another thing is seen', async () => {
    const { events, folder } = await seenOf('rejection');
    const whole = normalise(events, folder);
    const text = JSON.stringify(events);
    const request = /"request_id":"(req_\w+)"/.exec(text)?.[1] ?? '';
    const renamed = text.replaceAll(request, other(request));
    expect(normalise(JSON.parse(renamed) as Event[], folder)).toEqual(whole);
    const once = text.replace(request, other(request));
    expect(normalise(JSON.parse(once) as Event[], folder)).not.toEqual(whole);
  });

  test('the workspace is replaced by its prefix alone', async () => {
    const { events, folder } = await seenOf('tool');
    const whole = normalise(events, folder);
    expect(JSON.stringify(whole)).toContain('<workspace>');
    const moved = JSON.parse(JSON.stringify(events).replaceAll(folder, '/another/place')) as Event[];
    expect(normalise(moved, '/another/place')).toEqual(whole);
    const below = JSON.parse(JSON.stringify(events).replaceAll(folder, `${folder}/below`)) as Event[];
    expect(normalise(below, folder)).not.toEqual(whole);
  });

  test('a time that is none and a duration below zero are seen', async () => {
    const { events, folder } = await seenOf('tool');
    const whole = normalise(events, folder);
    const late = events.map((event) => ({ ...event, timestamp: 'yesterday' }));
    expect(normalise(late, folder)).not.toEqual(whole);
    const at = events.findIndex((event) => event['duration_ms'] !== undefined);
    const negative = events.with(at, { ...(events[at] as Event), duration_ms: -1 });
    expect(normalise(negative, folder)).not.toEqual(whole);
  });
});
