import { expect, test } from 'vitest';
import { diffIn } from '../../../../src/cli/render/diff.ts';
import { fold } from '../../../../src/cli/render/fold.ts';
import { charactersOf, clip, hardWrap, textWidth } from '../../../../src/cli/render/markdown-wrap.ts';
import { seconds, statusLine } from '../../../../src/cli/render/status.ts';
import type { Style } from '../../../../src/cli/terminal/style.ts';

const plain: Style = (_format, text) => text;
const marked: Style = (format, text) => `<${[format].flat().join('+')}:${text}>`;

test('the status line says how long, how much, what for, and what waits in line', () => {
  const status = { elapsed: 65_400, input_tokens: 1_234, output_tokens: 50, waitsFor: 'shell', queued: 2 };
  expect(statusLine(status, 100, plain)).toBe(
    '⠴ 1 min 5 s · 1.2k tokens in, 50 tokens out · waits for shell · 2 queued · Ctrl-C interrupts',
  );
  expect(
    statusLine({ elapsed: 0, input_tokens: 0, output_tokens: 0, waitsFor: '', queued: 0 }, 100, plain),
  ).toBe('⠋ 0 s · Ctrl-C interrupts');
  expect(textWidth(statusLine(status, 30, plain))).toBe(30);
});

test('seconds are whole', () => {
  expect([999, 59_999, 60_000].map(seconds)).toEqual(['0 s', '59 s', '1 min 0 s']);
});

test('long output loses its middle and says how to see it', () => {
  const lines = Array.from({ length: 20 }, (_, index) => `${index + 1}`);
  expect(fold(lines, { head: 2, tail: 1, how: '/show 3', style: marked })).toEqual([
    '1',
    '2',
    '<dim:… 17 more lines: /show 3>',
    '20',
  ]);
  expect(fold(lines, { head: 18, tail: 1, how: '', style: plain })).toEqual(lines);
  expect(fold(lines, { head: 1, tail: 0, how: 'x', style: plain })).toEqual(['1', '… 19 more lines: x']);
});

test('a diff in a result is coloured, and what comes before it left out', () => {
  const result =
    'Edited a:\n--- a\n+++ a\n@@ -1,2 +1,2 @@\n same\n-old\n+new\n\\ No newline at end of file\n';
  expect(diffIn(result, marked)).toEqual([
    '<dim:--- a>',
    '<dim:+++ a>',
    '<cyan:@@ -1,2 +1,2 @@>',
    ' same',
    '<red:-old>',
    '<green:+new>',
    '<dim:\\ No newline at end of file>',
  ]);
  expect(diffIn('--- is a rule\nno diff', plain)).toBeUndefined();
});

test('widths are those of a terminal', () => {
  expect(
    ['abc', 'é', 'e\u0301', '日本', '👍', '👩‍👩‍👧', '\u001b[31mred\u001b[39m', '\u200b'].map(textWidth),
  ).toEqual([3, 1, 1, 4, 2, 2, 3, 0]);
  expect(charactersOf('e\u0301👩‍👩‍👧')).toHaveLength(2);
});

test('cutting keeps colours closed and never splits a character', () => {
  expect(clip('\u001b[31mabcdef\u001b[39m', 4)).toBe('\u001b[31mabc…\u001b[0m');
  expect(clip('日本語', 4)).toBe('日…');
  expect(clip('abc', 3)).toBe('abc');
  expect(hardWrap('ab日本c', 3)).toEqual(['ab', '日', '本c']);
});
