import { expect, test } from 'vitest';
import { mentionsIn, pastedImages } from '../../../../src/cli/attach/mentions.ts';

const first = (text: string): string[] => mentionsIn(text).map(({ readings }) => readings[0] ?? '');

test.each([
  ['read @src/a.ts now', ['src/a.ts']],
  ['@a @b\n@c', ['a', 'b', 'c']],
  ['see (@notes.md)', ['notes.md)']],
  ['@"two words.txt" and @\'more words\'', ['two words.txt', 'more words']],
  ['@~/x @/etc/hosts', ['~/x', '/etc/hosts']],
  ['write to ada@example.com or x@y', []],
  ['an @ alone, a double @@ and @"', []],
  ['```@decorator()```', []],
  ['', []],
])('mentions in %j', (text, wanted) => {
  expect(first(text)).toEqual(wanted);
});

test('what only ends a sentence is tried without, the longest reading first', () => {
  expect(mentionsIn('see @a.txt).')[0]?.readings).toEqual(['a.txt).', 'a.txt)', 'a.txt']);
  expect(mentionsIn('@a,b,')[0]?.readings).toEqual(['a,b,', 'a,b']);
});

test.each([
  ['/tmp/a.png', [['/tmp/a.png']]],
  ["'/tmp/my shot.PNG'", [['/tmp/my shot.PNG']]],
  ['"/tmp/my shot.jpeg"  ', [['/tmp/my shot.jpeg']]],
  ['/tmp/my\\ shot.webp', [['/tmp/my shot.webp']]],
  ['/tmp/my shot.gif', [['/tmp/my shot.gif']]],
  ['file:///tmp/my%20shot.png', [['/tmp/my shot.png']]],
  ["'a.png' /b.jpg", [['a.png', '/b.jpg']]],
  ['what is this?\n  /tmp/a.png\nand why', [['/tmp/a.png']]],
  ['look at /tmp/a.png please', []],
  ['/tmp/a.txt', []],
  ['', []],
])('images pasted in %j', (text, wanted) => {
  expect(pastedImages(text)).toEqual(wanted);
});
