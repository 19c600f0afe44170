import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  EDITS,
  insert,
  layOut,
  moveRow,
  NOTHING_TYPED,
  typed,
  type Typed,
} from '../../../../src/cli/conversation/line-buffer.ts';

/** `|` is the cursor. */
function at(text: string): Typed {
  const cursor = text.indexOf('|');
  return { text: text.replace('|', ''), cursor };
}
const shown = ({ text, cursor }: Typed): string => `${text.slice(0, cursor)}|${text.slice(cursor)}`;

test.each([
  ['left', 'ab|', 'a|b'],
  ['left', '|ab', '|ab'],
  ['left', 'a👍🏽|', 'a|👍🏽'],
  ['right', 'a|👍🏽b', 'a👍🏽|b'],
  ['wordLeft', 'one two  |', 'one |two  '],
  ['wordRight', 'one| two', 'one two|'],
  ['lineStart', 'one\ntwo|', 'one\n|two'],
  ['lineEnd', 'o|ne\ntwo', 'one|\ntwo'],
  ['eraseLeft', 'ae\u0301|b', 'a|b'],
  ['eraseRight', 'a|bc', 'a|c'],
  ['eraseRight', 'a|', 'a|'],
  ['eraseWordLeft', 'one two| three', 'one | three'],
  ['eraseWordRight', 'one| two three', 'one| three'],
  ['eraseToLineStart', 'one\ntwo|x', 'one\n|x'],
  ['eraseToLineEnd', 'o|ne\ntwo', 'o|\ntwo'],
] as const)('%s: %s becomes %s', (name, before, after) => {
  expect(shown(EDITS[name](at(before)))).toBe(after);
});

test('up and down keep the column and end at the edges', () => {
  expect(shown(moveRow(at('long\nab|c'), -1) ?? NOTHING_TYPED)).toBe('lo|ng\nabc');
  expect(shown(moveRow(at('long|\nab'), 1) ?? NOTHING_TYPED)).toBe('long\nab|');
  expect(moveRow(at('on|e\ntwo'), -1)).toBeUndefined();
  expect(moveRow(at('one\nt|wo'), 1)).toBeUndefined();
});

test('a long text is laid out in rows with the cursor in them', () => {
  expect(layOut(typed('abcdef'), '> ', 6)).toEqual({
    rows: ['> abcd', '  ef'],
    cursor: { row: 1, column: 4 },
  });
  expect(layOut(at('ab|cd'), '> ', 6)).toEqual({ rows: ['> abcd'], cursor: { row: 0, column: 4 } });
  expect(layOut(typed('abcd'), '> ', 6)).toEqual({ rows: ['> abcd', '  '], cursor: { row: 1, column: 2 } });
  expect(layOut(typed('a\nb'), '> ', 20)).toEqual({ rows: ['> a', '  b'], cursor: { row: 1, column: 3 } });
});

test('no edit leaves the cursor outside the text or inside a character', () => {
  const edits = fc.constantFrom(...Object.values(EDITS));
  const pieces = fc
    .constantFrom('a', ' ', '\n', '👍🏽', 'e\u0301', '日')
    .map((piece) => (now: Typed) => insert(now, piece));
  fc.assert(
    fc.property(fc.array(fc.oneof(edits, pieces), { maxLength: 40 }), (steps) => {
      const end = steps.reduce((now, step) => step(now), NOTHING_TYPED);
      const starts = Array.from(
        new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(end.text),
        ({ index }) => index,
      );
      expect([...starts, end.text.length]).toContain(end.cursor);
    }),
    { numRuns: 300 },
  );
});
