import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countWords } from './count.js';

test('counts the words of a line', () => {
  assert.equal(countWords('one two three'), 3);
});

test('counts the words of several lines', () => {
  assert.equal(countWords('one two\nthree'), 3);
});
