import { resolved, type JsonSchema } from './document.ts';
import type { Random } from './random.ts';

const LONE = '\ud800';
/** Texts that programs stumble over; none of them names a session by its place, as `-1` does. */
export const TEXTS: readonly string[] = [
  '',
  ' ',
  '\0',
  'a\0b',
  LONE,
  `x${LONE}y`,
  '\udfff\ud800',
  '\u202egnp.exe',
  '\ufeff',
  'é'.normalize('NFD'),
  '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '../../../../etc/passwd',
  '/etc/passwd',
  '..\\..\\x',
  'file:///etc/passwd',
  '~',
  '~root',
  '/proc/self/environ',
  "'; DROP TABLE sessions; --",
  '" OR 1=1',
  '%00',
  '%2e%2e%2f',
  '${HOME}',
  '$(id)',
  '`id`',
  '{{7*7}}',
  '<script>alert(1)</script>',
  '\r\nx-injected: 1',
  'a\nb',
  'null',
  'true',
  '0',
  '-0',
  '1e308',
  '9'.repeat(400),
  'NaN',
  '*',
  '**',
  '[',
  '(',
  '(a+)+$',
  '\\',
  '"',
  '-99999999999999999999',
  'A'.repeat(70_000),
  '\u0300'.repeat(5_000),
  '💣'.repeat(3_000),
  LONE.repeat(1_000),
];

const NUMBERS: readonly number[] = [
  0,
  -0,
  -1,
  1.5,
  1e21,
  1e308,
  -1e308,
  5e-324,
  2 ** 31,
  2 ** 53,
  -(2 ** 53),
  Number.MAX_SAFE_INTEGER,
  0.1 + 0.2,
  4_294_967_296,
  500,
  501,
];

/** Anything: of every type, of every size. */
export function hostileValue(random: Random, depth = 0): unknown {
  switch (random.below(depth > 3 ? 4 : 10)) {
    case 0:
    case 1:
      return random.pick(TEXTS);
    case 2:
      return random.pick(NUMBERS);
    case 3:
      return random.pick([null, true, false]);
    case 4:
      return Array.from({ length: random.below(4) }, () => hostileValue(random, depth + 1));
    case 5:
      return Object.fromEntries(
        Array.from({ length: random.below(4) }, () => [
          random.pick(TEXTS).slice(0, 200),
          hostileValue(random, depth + 1),
        ]),
      );
    case 6:
      return nested(random.pick([50, 199, 201, 1_500]), random.chance(0.5));
    case 7:
      return Array.from({ length: random.pick([100, 9_000, 30_000]) }, () => 0);
    case 8:
      return Object.fromEntries(
        Array.from({ length: random.pick([100, 9_000, 12_000]) }, (_, n) => [`k${n}`, n]),
      );
    default:
      return JSON.parse('{"__proto__": {"admin": true}, "constructor": {"prototype": {"admin": true}}}');
  }
}

function nested(levels: number, lists: boolean): unknown {
  let value: unknown = 0;
  for (let level = 0; level < levels; level += 1) value = lists ? [value] : { a: value };
  return value;
}

/** A value that a schema allows, with texts that few expect. Known ids stand where one is asked for. */
export function allowedValue(
  schema: JsonSchema,
  random: Random,
  ids: readonly string[],
  name = '',
  depth = 0,
): unknown {
  const shape = resolved(schema);
  const options = shape['anyOf'] ?? shape['oneOf'] ?? shape['enum'];
  if (Object.hasOwn(shape, 'const')) return shape['const'];
  if (Array.isArray(shape['enum'])) return random.pick(shape['enum'] as unknown[]);
  if (Array.isArray(options))
    return allowedValue(random.pick(options as JsonSchema[]), random, ids, name, depth);
  switch (shape['type']) {
    case 'string':
      return allowedText(shape, random, ids, name);
    case 'integer':
    case 'number':
      return allowedNumber(shape, random);
    case 'boolean':
      return random.chance(0.5);
    case 'null':
      return null;
    case 'array': {
      const least = Number(shape['minItems'] ?? 0);
      const length = depth > 4 ? least : least + random.below(3);
      return Array.from({ length }, () =>
        allowedValue((shape['items'] ?? {}) as JsonSchema, random, ids, name, depth + 1),
      );
    }
    case 'object':
      return allowedObject(shape, random, ids, depth);
    default:
      return random.pick([...TEXTS.slice(0, 20), null, 1, true]);
  }
}

function allowedObject(shape: JsonSchema, random: Random, ids: readonly string[], depth: number): unknown {
  const properties = Object.entries((shape['properties'] ?? {}) as Record<string, JsonSchema>);
  const required = (shape['required'] ?? []) as string[];
  const members = properties
    .filter(([key]) => required.includes(key) || random.chance(depth > 3 ? 0 : 0.25))
    .map(([key, inner]): [string, unknown] => [key, allowedValue(inner, random, ids, key, depth + 1)]);
  const additional = shape['additionalProperties'];
  if (
    typeof additional === 'object' &&
    additional !== null &&
    Object.keys(additional).length > 0 &&
    depth < 5
  ) {
    for (let count = random.below(3); count > 0; count -= 1) {
      const key = random.pick(TEXTS).slice(0, 300);
      if (key !== '__proto__')
        members.push([key, allowedValue(additional as JsonSchema, random, ids, '', depth + 1)]);
    }
  }
  return Object.fromEntries(members);
}

function allowedText(shape: JsonSchema, random: Random, ids: readonly string[], name: string): string {
  if (name === 'session_id' && random.chance(0.7)) return random.pick(ids);
  const { pattern, minLength = 0, maxLength = Infinity } = shape;
  const fits = TEXTS.filter(
    (candidate) =>
      candidate.length >= Number(minLength) &&
      candidate.length <= Number(maxLength) &&
      (typeof pattern !== 'string' || new RegExp(pattern).test(candidate)),
  );
  return fits.length === 0 ? 'own-id.1' : random.pick(fits);
}

function allowedNumber(shape: JsonSchema, random: Random): number {
  const least = Number(shape['minimum'] ?? shape['exclusiveMinimum'] ?? -1e6);
  const most = Number(shape['maximum'] ?? 1e9);
  const fits = NUMBERS.filter(
    (number) => number > least && number <= most && (shape['type'] === 'number' || Number.isInteger(number)),
  );
  return fits.length === 0 ? Math.floor(least) + 1 : random.pick(fits);
}
