import { z } from 'zod';

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

/** The JSON Schema that the model gets, made once for each schema, without the words that say nothing to a model. */
export function parametersOf(schema: z.ZodObject): JsonSchema {
  const known = made.get(schema);
  if (known !== undefined) return known;
  const parameters = cleaned(z.toJSONSchema(schema, { io: 'input' }) as JsonSchema);
  made.set(schema, parameters);
  return parameters;
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
