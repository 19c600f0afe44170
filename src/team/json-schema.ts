import type { Key, Keys, Shape, VariantShape } from './schema/key.ts';
import { teamRecord } from './schema/team.ts';

export type JsonSchema = { [keyword: string]: unknown };

/** The JSON Schema (draft-07) of a team file, made from the loader's own table; editors use it by their yaml-language-server line. */
export function teamJsonSchema(): JsonSchema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Yonder team',
    description: 'A team of agents, as `yonder run` takes it.',
    ...schemaOf(teamRecord),
  };
}

function schemaOf(shape: Shape): JsonSchema {
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
      return { type: 'array', items: schemaOf(shape.of) };
    case 'map':
      return { type: 'object', additionalProperties: schemaOf(shape.of) };
    case 'record':
      return { type: 'object', ...members(shape.keys), additionalProperties: false };
    case 'choice':
      return { anyOf: shape.shapes.map((option) => schemaOf(option)) };
    case 'variant':
      return variantSchema(shape);
  }
}

/** One `if` per type, so that an editor names the wrong key of that type instead of saying that none of many forms fits. */
function variantSchema(shape: VariantShape): JsonSchema {
  const types = Object.keys(shape.variants);
  return {
    type: 'object',
    required: ['type'],
    properties: { type: { type: 'string', enum: types } },
    allOf: Object.entries(shape.variants).map(([type, variant]) => ({
      if: { properties: { type: { const: type } }, required: ['type'] },
      then: {
        description: described(variant.doc, variant.later),
        ...members({ ...shape.common, ...variant.keys }),
        additionalProperties: false,
      },
    })),
  };
}

function members(keys: Keys): JsonSchema {
  const required = Object.entries(keys)
    .filter(([, key]) => key.required === true)
    .map(([name]) => name);
  return {
    properties: Object.fromEntries(Object.entries(keys).map(([name, key]) => [name, memberSchema(key)])),
    ...(required.length === 0 ? {} : { required }),
  };
}

function memberSchema(key: Key): JsonSchema {
  return { description: described(key.doc, key.later), ...schemaOf(key.shape) };
}

function described(doc: string, later: string | undefined): string {
  return later === undefined ? doc : `${doc} Not supported yet: a run is refused.`;
}
