import type { Key, Keys, RecordShape, Shape, VariantShape } from './schema/key.ts';
import { teamRecord } from './schema/team.ts';

export type JsonSchema = { [keyword: string]: unknown };

/** The JSON Schema (draft-07) of a team file, made from the loader's own table; editors use it by their yaml-language-server line. */
export function teamJsonSchema(): JsonSchema {
  const definitions: JsonSchema = {};
  const root = schemaOf(teamRecord, definitions);
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Yonder team',
    description: 'A team of agents, as `yonder run` takes it.',
    allOf: [root],
    definitions,
  };
}

/** Records stand once under their title, since a hook alone occurs in 23 places. */
function recordReference(shape: RecordShape, definitions: JsonSchema): JsonSchema {
  const name = shape.title.replace(/^(an?|the) /, '').replaceAll(' ', '_');
  if (!Object.hasOwn(definitions, name)) {
    definitions[name] = {};
    definitions[name] = { type: 'object', ...members(shape.keys, definitions), additionalProperties: false };
  }
  return { $ref: `#/definitions/${name}` };
}

function schemaOf(shape: Shape, definitions: JsonSchema): JsonSchema {
  switch (shape.kind) {
    case 'text': {
      if (shape.values === undefined && shape.pattern === undefined) return { type: 'string' };
      const values = { type: 'string', ...(shape.values === undefined ? {} : { enum: shape.values }) };
      if (shape.pattern === undefined) return values;
      const pattern = { type: 'string', pattern: `^(?:${shape.pattern})$` };
      return shape.values === undefined ? pattern : { anyOf: [values, pattern] };
    }
    case 'number':
      return {
        type: shape.whole ? 'integer' : 'number',
        ...(shape.minimum === undefined ? {} : { minimum: shape.minimum }),
        ...(shape.maximum === undefined ? {} : { maximum: shape.maximum }),
      };
    case 'flag':
      return { type: 'boolean' };
    case 'any':
      return {};
    case 'list':
      return { type: 'array', items: schemaOf(shape.of, definitions) };
    case 'map':
      return { type: 'object', additionalProperties: schemaOf(shape.of, definitions) };
    case 'record':
      return recordReference(shape, definitions);
    case 'choice':
      return { anyOf: shape.shapes.map((option) => schemaOf(option, definitions)) };
    case 'variant':
      return variantSchema(shape, definitions);
  }
}

/** One `if` per type, so that an editor names the wrong key of that type instead of saying that none of many forms fits. */
function variantSchema(shape: VariantShape, definitions: JsonSchema): JsonSchema {
  const types = Object.keys(shape.variants);
  return {
    type: 'object',
    required: ['type'],
    properties: { type: { type: 'string', enum: types } },
    allOf: Object.entries(shape.variants).map(([type, variant]) => ({
      if: { properties: { type: { const: type } }, required: ['type'] },
      // oxlint-disable-next-line unicorn/no-thenable -- the keyword of JSON Schema
      then: {
        description: described(variant.doc, variant.later),
        ...members({ ...shape.common, ...variant.keys }, definitions),
        additionalProperties: false,
      },
    })),
  };
}

function members(keys: Keys, definitions: JsonSchema): JsonSchema {
  const required = Object.entries(keys)
    .filter(([, key]) => key.required === true)
    .map(([name]) => name);
  return {
    properties: Object.fromEntries(
      Object.entries(keys).map(([name, key]) => [name, memberSchema(key, definitions)]),
    ),
    ...(required.length === 0 ? {} : { required }),
  };
}

function memberSchema(key: Key, definitions: JsonSchema): JsonSchema {
  return { description: described(key.doc, key.later), allOf: [schemaOf(key.shape, definitions)] };
}

function described(doc: string, later: string | undefined): string {
  return later === undefined ? doc : `${doc} Not supported yet: a run is refused.`;
}
