import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z as real } from 'zod';
import { z as deferred } from '../../scripts/bundle/deferred-zod.ts';

const root = path.dirname(path.dirname(import.meta.dirname));
/** The types are zod's own: the bundle puts the one in the place of the other. */
const z = deferred as unknown as typeof real;

/** One schema of each sort that we use, made by either. */
function schemas(zod: typeof real) {
  const tree: () => unknown = () =>
    zod.object({ name: zod.string(), children: zod.lazy(() => zod.array(made() as never)).optional() });
  const made = (): unknown => tree();
  const base = zod.strictObject({ id: zod.string().min(1), count: zod.number().int().max(9).optional() });
  return {
    strict: base,
    extended: base.extend({ also: zod.boolean().default(true) }).partial(),
    loose: zod.looseObject({ kind: zod.literal('a'), list: zod.array(base) }),
    union: zod.discriminatedUnion('kind', [
      zod.object({ kind: zod.literal('a'), a: zod.string() }),
      zod.object({ kind: zod.literal('b'), b: zod.int() }),
    ]),
    record: zod.record(zod.string(), zod.enum(['x', 'y']).nullable()),
    tuple: zod.tuple([zod.string(), zod.union([zod.number(), zod.unknown()])]),
    changed: zod.string().transform((text) => text.length),
    tree: made() as typeof base,
  };
}

const value = fc.oneof(
  fc.jsonValue(),
  fc.record(
    {
      id: fc.string(),
      count: fc.integer({ min: 0, max: 12 }),
      also: fc.boolean(),
      kind: fc.constantFrom('a', 'b', 'c'),
    },
    { requiredKeys: [] },
  ),
  fc.constantFrom<unknown>(
    { kind: 'a', a: 'x' },
    { kind: 'b', b: 1 },
    { kind: 'a', list: [{ id: 'x' }, { id: '' }], more: 1 },
    { one: 'x', two: null },
    ['a', 1],
    'text',
    { name: 'n', children: [{ name: 'm', children: [] }] },
    { name: 'n', children: [{ name: 1 }] },
  ),
);

test('a deferred schema takes and refuses what the real one does, in the same words, the first time and later', () => {
  const [ours, theirs] = [schemas(z), schemas(real)];
  fc.assert(
    fc.property(fc.constantFrom(...(Object.keys(ours) as (keyof typeof ours)[])), value, (name, input) => {
      const [got, wanted] = [ours[name].safeParse(input), theirs[name].safeParse(input)];
      expect(got.success).toBe(wanted.success);
      expect(got.data).toEqual(wanted.data);
      expect(got.error?.issues).toEqual(wanted.error?.issues);
    }),
    { numRuns: 500 },
  );
  expect(Object.keys(ours.extended.shape)).toEqual(['id', 'count', 'also']);
  expect('shape' in ours.strict && ours.strict instanceof real.ZodObject).toBe(true);
  expect(() => ours.strict.parse(1)).toThrow(real.ZodError);
});

test('a schema is made when it is used, and not before', () => {
  let made = 0;
  const schema = z.lazy(() => {
    made += 1;
    return z.string();
  });
  const list = z.array(schema).optional();
  expect(made).toBe(0);
  expect(list.parse(['a'])).toEqual(['a']);
  expect(made).toBe(1);
});

test('JSON Schemas are the same', () => {
  for (const name of ['strict', 'extended', 'loose', 'union', 'record'] as const) {
    const options = { io: 'input' } as const;
    expect(z.toJSONSchema(schemas(z)[name], options)).toEqual(
      real.toJSONSchema(schemas(real)[name], options),
    );
  }
});

/** Names of zod that a text calls. */
const called = (text: string): string[] =>
  [...text.matchAll(/\bz\d*\.([a-z]\w+)\b/g)].map(([, name = '']) => name);

test('all of zod that the command and its provider packages call is there', () => {
  const known = new Set([...Object.keys(deferred), 'infer', 'input', 'output', 'core']);
  const folders = ['src', 'node_modules/@ai-sdk'].map((name) => path.join(root, name));
  const packages = ['openai', 'openai-compatible', 'anthropic', 'google', 'mistral'];
  const files = [
    ...readdirSync(String(folders[0]), { recursive: true, encoding: 'utf8' })
      // The command holds every room but this one.
      .filter((name) => name.endsWith('.ts') && !name.startsWith(`testing${path.sep}`))
      .map((name) => path.join(String(folders[0]), name)),
    ...packages.map((name) => path.join(String(folders[1]), name, 'dist/index.js')),
  ];
  const missing = files.flatMap((file) => {
    const text = readFileSync(file, 'utf8');
    if (!/from ['"]zod(\/v4)?['"]/.test(text)) return [];
    return called(text)
      .filter((name) => !known.has(name))
      .map((name) => `${path.basename(file)}: z.${name}`);
  });
  expect(missing).toEqual([]);
});
