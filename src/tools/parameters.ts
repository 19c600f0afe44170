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
const inputs = new Map<string, z.ZodObject>();

interface Place {
  toolset: string;
  name: string;
}

/** Tells whose arguments a schema describes, so that what was generated for them need not be made again. */
export function adoptInput({ toolset, name }: Place, schema: z.ZodObject): void {
  inputs.set(`${toolset}/${name}`, schema);
  const text = PARAMETERS[`${toolset}/${name}`];
  if (text !== undefined) made.set(schema, JSON.parse(text) as JsonSchema);
}

/** Made now from the tool's own schema, whatever was generated; the tool has to be built before. */
export function madeParameters({ toolset, name }: Place): JsonSchema {
  const schema = inputs.get(`${toolset}/${name}`);
  if (schema === undefined) throw new TypeError(`${toolset}/${name} was not built`);
  return make(schema);
}

/** The JSON Schema that the model gets, made once for each schema, without the words that say nothing to a model. */
export function parametersOf(schema: z.ZodObject): JsonSchema {
  const known = made.get(schema);
  if (known !== undefined) return known;
  const parameters = make(schema);
  made.set(schema, parameters);
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
