import { z } from 'zod';
import { PARAMETERS } from './generated-parameters.ts';

/** As much of JSON Schema as our tools use. */
export interface JsonSchema {
  type?: string;
  description?: string;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  [keyword: string]: unknown;
}

const made = new WeakMap<z.ZodType, JsonSchema>();
/** The schema that parameters describe; it lives as long as they do. */
const origins = new WeakMap<JsonSchema, z.ZodObject>();

/** The JSON Schema that the model gets, made once for each schema, without the words that say nothing to a model. */
export function parametersOf(schema: z.ZodObject): JsonSchema {
  return made.get(schema) ?? keep(schema, make(schema));
}

/** The same for a built-in tool, from what was generated where there is something: making it is slow. */
export function parametersOfTool(place: { toolset: string; name: string }, schema: z.ZodObject): JsonSchema {
  const text = PARAMETERS[`${place.toolset}/${place.name}`];
  if (text === undefined) return parametersOf(schema);
  return made.get(schema) ?? keep(schema, JSON.parse(text) as JsonSchema);
}

const shared = new Map<string, z.ZodObject>();

/** One schema for all sessions of a built-in tool whose parameters are always the same: what zod learns about a schema it keeps in tables that never shrink. */
export function sharedInput<Schema extends z.ZodObject>(
  place: { toolset: string; name: string },
  schema: Schema,
): Schema {
  const key = `${place.toolset}/${place.name}`;
  if (!Object.hasOwn(PARAMETERS, key)) return schema;
  const known = shared.get(key) ?? schema;
  shared.set(key, known);
  // It was made by the same lines.
  return known as Schema;
}

/** What the tool's own schema says of the parameters that were given out for it, made anew. */
export function madeAnew(parameters: JsonSchema): JsonSchema {
  const schema = origins.get(parameters);
  if (schema === undefined) throw new TypeError('these parameters were not given out here');
  return make(schema);
}

function keep(schema: z.ZodObject, parameters: JsonSchema): JsonSchema {
  made.set(schema, parameters);
  origins.set(parameters, schema);
  return parameters;
}

function make(schema: z.ZodObject): JsonSchema {
  return cleaned(z.toJSONSchema(schema, { io: 'input' }) as JsonSchema);
}

function cleaned(schema: JsonSchema): JsonSchema {
  const { $schema: _, ...rest } = schema;
  // Bounds of what a double can count are no wish of the tool's.
  if (rest['maximum'] === Number.MAX_SAFE_INTEGER) delete rest['maximum'];
  if (rest['minimum'] === Number.MIN_SAFE_INTEGER) delete rest['minimum'];
  if (rest.items !== undefined) rest.items = cleaned(rest.items);
  if (rest.properties !== undefined) {
    rest.properties = Object.fromEntries(
      Object.entries(rest.properties).map(([name, property]) => [name, cleaned(property)]),
    );
  }
  return rest;
}
