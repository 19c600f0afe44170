import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { applyEdits, areApplied, type Edit } from '../../../src/tools/filesystem/apply-edits.ts';
import { bench } from './support.ts';

const edit = (oldText: string, newText: string): Edit => ({ oldText, newText });

/** Text before the edits, the edits, and whether the text behind them says for certain that they were made. */
const CASES: [string, Edit[], boolean][] = [
  ['one\ntwo\n', [edit('two', '2')], true],
  ['one\ntwo\nthree\n', [edit('two', '2'), edit('2\nthree', '2\n3')], true],
  ['one\r\ntwo\r\nthree\r\n', [edit('one\ntwo', '1\n2')], true],
  // Nothing is left to know it by.
  ['one\ntwo\n', [edit('two\n', '')], false],
  // The text behind it may as well be one that still waits for it.
  ['one\ntwo\n', [edit('two', 'two and a half')], false],
  // The new text was there before, so that it proves nothing.
  ['2\ntwo\n', [edit('two', '2')], false],
];

test.each(CASES)('an edit of %j by %j: certain afterwards is %j, before never', (before, edits, certain) => {
  expect(areApplied('f', applyEdits('f', before, edits), edits)).toBe(certain);
  expect(areApplied('f', before, edits)).toBe(false);
});

test('a half of the edits proves nothing', () => {
  const edits = [edit('a', 'b'), edit('c', 'd')];
  expect(['a c', 'b c', 'a d', 'b d'].map((text) => areApplied('f', text, edits))).toEqual([
    false,
    false,
    false,
    true,
  ]);
});

test('a cut edit that was made is known by the file, one that was not stays unknown', async () => {
  const { root, run, tool, context } = await bench();
  const args = { path: 'f', edits: [edit('two', '2')] };
  const recovered = () => tool('edit_file').recover?.(args, context());
  expect(await recovered()).toBeUndefined();
  writeFileSync(join(root, 'f'), 'one\ntwo\n');
  expect(await recovered()).toBeUndefined();
  await run('edit_file', args);
  expect(await recovered()).toEqual({
    output: 'f has the new texts and no longer the old ones: the edit is made.',
  });
  expect(readFileSync(join(root, 'f'), 'utf8')).toBe('one\n2\n');
  writeFileSync(join(root, 'f'), Uint8Array.of(0, 255, 0));
  expect(await recovered()).toBeUndefined();
});

test('folders that were to be made are made when each is there and is a folder', async () => {
  const { root, tool, context } = await bench();
  const recovered = () => tool('create_directory').recover?.({ paths: ['a/b', 'c'] }, context());
  mkdirSync(join(root, 'a/b'), { recursive: true });
  expect(await recovered()).toBeUndefined();
  writeFileSync(join(root, 'c'), '');
  expect(await recovered()).toBeUndefined();
  const both = tool('create_directory').recover?.({ paths: ['a', 'a/b'] }, context());
  expect(await both).toEqual({ output: 'a is there, and is a folder.\na/b is there, and is a folder.' });
});

test('folders that were to be removed are removed when none is there', async () => {
  const { root, tool, context } = await bench();
  const recovered = (...paths: string[]) => tool('remove_directory').recover?.({ paths }, context());
  mkdirSync(join(root, 'a'));
  expect(await recovered('a', 'b')).toBeUndefined();
  expect(await recovered('b', 'c/d')).toEqual({
    output: 'b is not there any more.\nc/d is not there any more.',
  });
});
