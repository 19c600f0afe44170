import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkForm } from '../../../src/protocol/form/check-form.ts';
import { objectForm, readForm, type FormField } from '../../../src/protocol/form/form.ts';

const fieldOf = (schema: unknown, required: string[] = []): FormField => {
  const read = readForm({ type: 'object', properties: { a: schema }, required });
  if (!read.ok) throw new Error(read.problem);
  return read.fields[0] as FormField;
};

test.each([
  [{ type: 'string', enum: ['a', 'b'], enumNames: ['First', 'Second'] }, 'choice', ['First', 'Second']],
  [{ oneOf: [{ const: 'x', title: 'The X' }, { const: 'y' }] }, 'choice', ['The X', 'y']],
  [{ enum: [1, 2] }, 'choice', ['1', '2']],
  [{ type: 'array', items: { enum: ['a'] } }, 'choices', ['a']],
  [{ type: 'array', items: { anyOf: [{ const: 'a', title: 'A' }] } }, 'choices', ['A']],
  [{ type: 'integer' }, 'integer', []],
])('%j is a %s', (schema, type, titles) => {
  const field = fieldOf(schema);
  expect([field.type, field.choices.map(({ title }) => title)]).toEqual([type, titles]);
});

test.each([
  [7, /no object/],
  [{ type: 'array' }, /no object/],
  [{ type: 'object' }, /no properties/],
  [{ type: 'object', properties: {} }, /0 fields/],
  [{ type: 'object', properties: { a: { type: 'string' } }, required: ['b'] }, /`required`/],
  [{ type: 'object', properties: { a: true } }, /a has no schema/],
  [{ type: 'object', properties: { a: { type: 'object' } } }, /a has the type "object"/],
  [{ type: 'object', properties: { a: { type: ['string', 'null'] } } }, /a has the type \["string","null"\]/],
  [{ type: 'object', properties: { a: { type: 'array', items: { type: 'string' } } } }, /no enum/],
  [{ type: 'object', properties: { a: { type: 'array' } } }, /without `items`/],
  [{ type: 'object', properties: { a: { enum: [] } } }, /`enum`/],
  [{ type: 'object', properties: { a: { oneOf: [{ type: 'string' }] } } }, /`oneOf`/],
])('%j cannot be shown', (schema, words) => {
  expect(readForm(schema)).toEqual({ ok: false, problem: expect.stringMatching(words) });
});

test.each([
  [{ type: 'string', format: 'email' }, 'a@b', true],
  [{ type: 'string', format: 'email' }, 'a b', false],
  [{ type: 'string', format: 'uri' }, 'mailto:x', true],
  [{ type: 'string', format: 'uri' }, 'nothing', false],
  [{ type: 'string', format: 'date' }, '2026-02-28', true],
  [{ type: 'string', format: 'date' }, '2026-02-30', false],
  [{ type: 'string', format: 'date-time' }, '2026-02-28T10:00:00Z', true],
  [{ type: 'string', format: 'date-time' }, '2026-02-28', false],
  [{ type: 'string', format: 'colour' }, 'anything', true],
  [{ type: 'string', maxLength: 2 }, '😀😀', true],
  [{ type: 'array', items: { enum: ['x', 'y'] }, minItems: 1 }, [], false],
  [{ type: 'array', items: { enum: ['x', 'y'] } }, ['x', 'x'], false],
  [{ type: 'number' }, Number.NaN, false],
  [{ type: 'boolean' }, 0, false],
])('%j takes %j: %s', (schema, value, fits) => {
  expect(checkForm([fieldOf(schema)], { a: value }).ok).toBe(fits);
});

test('a default stands in for what is absent, and a wrong default is a fault of the field', () => {
  expect(checkForm([fieldOf({ type: 'integer', default: 3 }, ['a'])], {})).toEqual({
    ok: true,
    content: { a: 3 },
  });
  expect(checkForm([fieldOf({ type: 'integer', default: 'x' })], {})).toEqual({
    ok: false,
    field: 'a',
    problem: 'it takes a whole number',
  });
});

test('no schema and no content break it: it answers in words', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.dictionary(fc.string(), fc.jsonValue()), (schema, content) => {
      const read = readForm(objectForm(schema));
      if (!read.ok) return read.problem.length > 0;
      const checked = checkForm(read.fields, content);
      return checked.ok ? checkForm(read.fields, checked.content).ok : checked.problem.length > 0;
    }),
  );
});
