import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PreviewTrimmer } from '../../../src/client/trim.ts';
import type { WireEvent } from '../../../src/protocol/events/events.ts';

function event(type: string, fields: Record<string, unknown>, seq?: number): WireEvent {
  return { seq, type, json: JSON.stringify({ type, run_id: 'r', ...fields }) };
}

const text = (content: string, offset: number, more: Record<string, unknown> = {}) =>
  event('agent_choice', { message_id: 'm', attempt: 1, offset, content, ...more });

test.each<[string, WireEvent[], (string | undefined)[]]>([
  ['what follows passes', [text('ab', 0), text('cd', 2)], ['ab', 'cd']],
  ['what was sent is cut away', [text('abcd', 0), text('cdef', 2)], ['abcd', 'ef']],
  [
    'what is all known is left out',
    [text('abcd', 0), text('ab', 0), text('', 4)],
    ['abcd', undefined, undefined],
  ],
  ['a hole is passed on as it is', [text('ab', 0), text('yz', 9), text('z', 10)], ['ab', 'yz', undefined]],
  ['each attempt is its own text', [text('ab', 0), text('ab', 0, { attempt: 2 })], ['ab', 'ab']],
  ['each message is its own text', [text('ab', 0), text('ab', 0, { message_id: 'n' })], ['ab', 'ab']],
  ['code units are counted, not characters', [text('😀', 0), text('😀a', 0)], ['😀', 'a']],
])('%s', (_, events, expected) => {
  const trimmer = new PreviewTrimmer();
  expect(events.map((one) => trimmer.trim(one)).map((one) => one && JSON.parse(one.json).content)).toEqual(
    expected,
  );
});

test('output counts by stream, arguments by call', () => {
  const trimmer = new PreviewTrimmer();
  const output = (stream: string, piece: string, offset: number) =>
    trimmer.trim(event('tool_call_output', { tool_call_id: 'c', attempt: 1, stream, output: piece, offset }));
  const call = (id: string, piece: string, offset: number) =>
    trimmer.trim(
      event('partial_tool_call', {
        message_id: 'm',
        attempt: 1,
        offset,
        tool_call: { id, type: 'function', function: { name: 'f', arguments: piece } },
      }),
    );
  expect(JSON.parse(output('stdout', 'ab', 0)?.json ?? '')).toMatchObject({ output: 'ab', offset: 0 });
  expect(JSON.parse(output('stderr', 'ab', 0)?.json ?? '')).toMatchObject({ output: 'ab', offset: 0 });
  expect(JSON.parse(output('stdout', 'abc', 0)?.json ?? '')).toMatchObject({ output: 'c', offset: 2 });
  expect(call('1', '{"a"', 0)).toBeDefined();
  expect(call('2', '{"a"', 0)).toBeDefined();
  expect(JSON.parse(call('1', '{"a":1}', 0)?.json ?? '').tool_call.function).toEqual({
    name: 'f',
    arguments: ':1}',
  });
});

test('events without an offset pass untouched', () => {
  const caught = event('log_caught_up', { as_of: 3 });
  expect(new PreviewTrimmer().trim(caught)).toBe(caught);
});

test('however a text is cut and repeated, each character comes once', () => {
  const piece = fc.tuple(fc.nat(30), fc.nat(30));
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }),
      fc.array(piece),
      (whole, cuts) => {
        const trimmer = new PreviewTrimmer();
        let known = 0;
        let read = '';
        for (const [back, ahead] of [...cuts, [0, whole.length] as const]) {
          const from = Math.max(0, known - back);
          const end = Math.min(whole.length, known + ahead);
          const fresh = trimmer.trim(text(whole.slice(from, end), from));
          known = Math.max(known, end);
          read += fresh === undefined ? '' : JSON.parse(fresh.json).content;
        }
        expect(read).toBe(whole);
      },
    ),
  );
});

test('texts that are closed are forgotten; a recovery makes them begin anew', () => {
  const trimmer = new PreviewTrimmer();
  trimmer.trim(text('ab', 0));
  trimmer.trim(
    event('tool_call_output', { tool_call_id: 'c', attempt: 1, stream: 'stdout', output: 'x', offset: 0 }),
  );
  trimmer.trim(text('ab', 0, { run_id: 'other' }));
  expect(trimmer.size).toBe(3);
  trimmer.durable(event('message_added', { message: { message_id: 'm' } }, 5));
  trimmer.durable(event('tool_call_response', { tool_call_id: 'c' }, 6));
  expect(trimmer.size).toBe(1);
  trimmer.trim(text('abc', 0));
  trimmer.durable(event('run_recovered', {}, 7));
  expect(trimmer.trim(text('ab', 0))).toBeDefined();
  trimmer.durable(event('stream_stopped', { run_id: 'other' }, 8));
  trimmer.durable(event('stream_stopped', {}, 9));
  expect(trimmer.size).toBe(0);
});
