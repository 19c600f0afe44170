import { expect, test } from 'vitest';
import fc from 'fast-check';
import { lacking, PreviewBuffer } from '../../../src/runtime/log/previews.ts';
import { LogReader } from '../../../src/runtime/log/reader.ts';

const OPEN = {
  type: 'agent_choice' as const,
  fields: { session_id: 's', run_id: 'r', message_id: 'm', attempt: 1 },
  place: (content: string) => ({ content }),
};

function contentOf(json: string): { offset: number; content: string } {
  const { offset, content } = JSON.parse(json) as { offset: number; content: string };
  return { offset, content };
}

test('what a reader lacks of a text comes as one event, from where it stopped', () => {
  const buffer = new PreviewBuffer();
  buffer.add('message/m/1/text', 'Hello ', OPEN);
  const text = buffer.add('message/m/1/text', 'there', OPEN);
  expect(contentOf(lacking(text, 0)?.event.json ?? '')).toEqual({ offset: 0, content: 'Hello there' });
  expect(contentOf(lacking(text, 6)?.event.json ?? '')).toEqual({ offset: 6, content: 'there' });
  expect(lacking(text, 11)).toBeUndefined();
});

test('past its bound the oldest part of a text goes, and the offset says where the rest begins', () => {
  const buffer = new PreviewBuffer();
  const limit = 1024 * 1024;
  buffer.add('call/r/c/stdout', 'a'.repeat(limit), OPEN);
  const text = buffer.add('call/r/c/stdout', 'bcd', OPEN);
  expect(text.held.start).toBe(3);
  const rest = contentOf(lacking(text, 0)?.event.json ?? '');
  expect(rest.offset).toBe(3);
  expect(rest.content.length).toBe(limit);
  expect(rest.content.endsWith('bcd')).toBe(true);
});

test('the whole session holds at most 16 MiB of open texts', () => {
  const buffer = new PreviewBuffer();
  const piece = 'x'.repeat(1024 * 1024);
  for (let index = 0; index < 20; index += 1) buffer.add(`call/r/c${index}/stdout`, piece, OPEN);
  const held = [...buffer.open()].reduce((sum, text) => sum + text.held.length, 0);
  expect(held).toBeLessThanOrEqual(16 * 1024 * 1024);
});

test('a reader sees each character of a text once, however its pulls fall between the deltas', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ delta: fc.string(), pull: fc.boolean() }), { maxLength: 40 }),
      (steps) => {
        const buffer = new PreviewBuffer();
        const reader = new LogReader(0);
        let seen = '';
        const pull = (): void => {
          for (let next = reader.pull(); next !== undefined && next !== 'behind'; next = reader.pull()) {
            if (next.seq !== undefined) continue;
            const { offset, content } = contentOf(next.json);
            expect(offset).toBe(seen.length);
            seen += content;
          }
        };
        for (const { delta, pull: pulls } of steps) {
          reader.preview(buffer.add('message/m/1/text', delta, OPEN));
          if (pulls) pull();
        }
        reader.durable({ seq: 1, type: 'message_added', json: '{}' }, buffer.close('message/m/'));
        pull();
        expect(seen).toBe(steps.map(({ delta }) => delta).join(''));
      },
    ),
  );
});

test('a reader that falls a thousand events behind goes back to the stored log', () => {
  const reader = new LogReader(0);
  for (let seq = 1; seq <= 1_001; seq += 1) reader.durable({ seq, type: 'warning', json: '{}' }, []);
  expect(reader.pull()).toBe('behind');
  expect(reader.cursor).toBe(0);
});
