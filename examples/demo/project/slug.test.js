import assert from 'node:assert/strict';
import { test } from 'node:test';
import { slugify } from './slug.js';

test('a title becomes a slug', () => {
  assert.equal(slugify('The Quick Brown Fox'), 'the-quick-brown-fox');
});
