import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from '../../../src/protocol/canonical-json.ts';
import {
  environmentReferences,
  expandEnvironmentReferences,
} from '../../../src/protocol/environment-references.ts';

test('keys are in order, blanks and absent members are left out', () => {
  expect(canonicalJson({ b: [1, { d: null, c: 'x' }], a: undefined, A: true })).toBe(
    '{"A":true,"b":[1,{"c":"x","d":null}]}',
  );
});

test('it is JSON of the same value, whatever the order of keys', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true }), (value) => {
      const text = canonicalJson(value);
      expect(canonicalJson(JSON.parse(text))).toBe(text);
      expect(canonicalJson(Object.fromEntries(Object.entries(value).toReversed()))).toBe(text);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test.each([[Number.NaN], [new Date()], [undefined], [() => 1]])('%s has none', (value) => {
  expect(() => canonicalJson(value)).toThrow('has no canonical JSON');
});

test('references are found once each, and expanded once', () => {
  expect(environmentReferences('${env.A} ${env.B} ${env.A} ${A} ${env.1} $env.C')).toEqual(['A', 'B']);
  const values: Record<string, string> = { A: '${env.B}$&' };
  expect(expandEnvironmentReferences('<${env.A}|${env.B}>', (name) => values[name])).toEqual({
    text: '<${env.B}$&|>',
    missing: ['B'],
  });
});
