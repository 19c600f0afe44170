import type { JsonSchema } from '../parameters.ts';

/** A schema as providers take it, or why the tool cannot be offered. */
export type CleanSchema = { ok: true; schema: JsonSchema } | { ok: false; problem: string };

const DEEPEST = 24;
/** Characters of a cleaned schema: references are written out, so a small one may stand for a huge one. */
const LARGEST = 64 * 1024;
/** Names of arguments that every provider takes. */
const ARGUMENT = /^[A-Za-z0-9_.-]{1,64}$/;
/** Of no use to a model, or refused by a provider. */
const DROPPED = new Set(['$schema', '$id', '$anchor', '$comment', '$defs', 'definitions', '$vocabulary']);
/** Providers refuse these beside the properties of a whole call; the server checks them itself. */
const NOT_AT_THE_TOP = new Set(['anyOf', 'oneOf', 'allOf', 'not', 'if', 'then', 'else', 'enum', 'const']);

/**
 * The arguments of a server's tool as model providers take them: one object, references within the schema written out, lists with `items`,
 * no key words that any of them refuses. Where they say less than the server's own it is the server that refuses.
 */
export function cleanSchema(input: unknown): CleanSchema {
  if (!isObject(input)) return { ok: false, problem: 'its input schema is no object' };
  if (input['type'] !== undefined && input['type'] !== 'object')
    return { ok: false, problem: `its input schema is of type ${JSON.stringify(input['type'])}, not object` };
  const top = Object.fromEntries(Object.entries(input).filter(([key]) => !NOT_AT_THE_TOP.has(key)));
  const budget = { left: LARGEST };
  const schema = cleaned({ ...top, type: 'object' }, { root: input, depth: 0, open: [], budget });
  schema.properties ??= {};
  if (budget.left < 0 || JSON.stringify(schema).length > LARGEST)
    return { ok: false, problem: `its input schema has more than ${LARGEST} characters` };
  const odd = Object.keys(schema.properties).find((name) => !ARGUMENT.test(name));
  if (odd === undefined) return { ok: true, schema };
  return {
    ok: false,
    problem: `its argument ${JSON.stringify(odd.slice(0, 80))} has a name that providers refuse`,
  };
}

interface Spot {
  root: Readonly<Record<string, unknown>>;
  depth: number;
  /** References that are being written out. */
  open: readonly string[];
  budget: { left: number };
}

function cleaned(input: unknown, spot: Spot): JsonSchema {
  spot.budget.left -= 8;
  // `true` takes anything; what nests deeper than anybody fills in is left to the server.
  if (!isObject(input) || spot.depth > DEEPEST || spot.budget.left < 0) return {};
  const { $ref: reference } = input;
  if (typeof reference === 'string') return writtenOut(input, reference, spot);
  const below = { ...spot, depth: spot.depth + 1 };
  const schema: JsonSchema = {};
  for (const [key, value] of Object.entries(input)) {
    if (DROPPED.has(key)) continue;
    spot.budget.left -= key.length;
    if (key === 'properties' && isObject(value)) schema.properties = each(value, below);
    else if (key === 'items') schema.items = cleaned(Array.isArray(value) ? value[0] : value, below);
    else if (LISTS.has(key) && Array.isArray(value)) schema[key] = value.map((item) => cleaned(item, below));
    else if (key === 'additionalProperties' && isObject(value)) schema[key] = cleaned(value, below);
    else schema[key] = value;
  }
  if (schema.type === 'array') schema.items ??= {};
  if (schema.required !== undefined) schema.required = requiredOf(schema);
  return schema;
}

const LISTS = new Set(['anyOf', 'oneOf', 'allOf']);

function each(properties: Readonly<Record<string, unknown>>, spot: Spot): Record<string, JsonSchema> {
  return Object.fromEntries(
    Object.entries(properties).map(([name, property]) => {
      spot.budget.left -= name.length;
      return [name, cleaned(property, spot)];
    }),
  );
}

/** Some providers refuse a required argument that is not described. */
function requiredOf({ required, properties = {} }: JsonSchema): string[] {
  return Array.isArray(required) ? required.filter((name) => Object.hasOwn(properties, name)) : [];
}

/** What a reference within the schema stands for; one that leads out, or into itself, takes anything. */
function writtenOut(input: Readonly<Record<string, unknown>>, reference: string, spot: Spot): JsonSchema {
  const { $ref: _reference, ...beside } = input;
  const target = spot.open.includes(reference) ? undefined : resolved(spot.root, reference);
  const open = [...spot.open, reference];
  if (!isObject(target)) return cleaned(beside, { ...spot, open });
  return cleaned({ ...target, ...beside }, { ...spot, open, depth: spot.depth + 1 });
}

function resolved(root: unknown, reference: string): unknown {
  if (!reference.startsWith('#')) return undefined;
  const parts = reference.slice(1).split('/').filter(Boolean);
  return parts.reduce<unknown>((value, part) => {
    const key = decodeURIComponentSafely(part).replaceAll('~1', '/').replaceAll('~0', '~');
    return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  }, root);
}

function decodeURIComponentSafely(text: string): string {
  return /%(?![0-9a-f]{2})/i.test(text) ? text : decodeURIComponent(text);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
