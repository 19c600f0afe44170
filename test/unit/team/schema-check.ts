import { z } from 'zod';

const schemaNode = z.looseObject({
  $ref: z.string().optional(),
  type: z.string().optional(),
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  pattern: z.string().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  items: z.unknown().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  additionalProperties: z.unknown().optional(),
  required: z.array(z.string()).optional(),
  anyOf: z.array(z.unknown()).optional(),
  allOf: z.array(z.unknown()).optional(),
  if: z.unknown().optional(),
  // oxlint-disable-next-line unicorn/no-thenable -- the keyword of JSON Schema
  then: z.unknown().optional(),
});

/** Whether a value fits a draft-07 schema, as far as our own schema's keywords go. */
export function fits(value: unknown, rawSchema: unknown, root: Record<string, unknown>): boolean {
  const schema = schemaNode.parse(rawSchema);
  const inner = (candidate: unknown): boolean => fits(value, candidate, root);
  if (schema.$ref !== undefined) {
    const definitions = z.record(z.string(), z.unknown()).parse(root['definitions']);
    return inner(definitions[schema.$ref.replace('#/definitions/', '')]);
  }
  if (schema.type !== undefined && !hasType(value, schema.type)) return false;
  if (schema.enum !== undefined && !schema.enum.includes(value)) return false;
  if ('const' in schema && schema.const !== value) return false;
  if (schema.pattern !== undefined && typeof value === 'string' && !new RegExp(schema.pattern).test(value))
    return false;
  if (typeof value === 'number' && (value < (schema.minimum ?? value) || value > (schema.maximum ?? value)))
    return false;
  if (
    Array.isArray(value) &&
    schema.items !== undefined &&
    !value.every((item) => fits(item, schema.items, root))
  )
    return false;
  if (hasType(value, 'object') && !membersFit(z.record(z.string(), z.unknown()).parse(value), schema, root))
    return false;
  if (schema.anyOf !== undefined && !schema.anyOf.some(inner)) return false;
  if (schema.allOf !== undefined && !schema.allOf.every(inner)) return false;
  return schema.if === undefined || !inner(schema.if) || inner(schema.then);
}

function membersFit(
  value: Record<string, unknown>,
  schema: z.infer<typeof schemaNode>,
  root: Record<string, unknown>,
): boolean {
  if (schema.required?.some((name) => !Object.hasOwn(value, name))) return false;
  return Object.entries(value).every(([name, member]) => {
    const known = schema.properties?.[name];
    if (known !== undefined) return fits(member, known, root);
    if (schema.additionalProperties === undefined) return true;
    return schema.additionalProperties !== false && fits(member, schema.additionalProperties, root);
  });
}

function hasType(value: unknown, type: string): boolean {
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  return typeof value === type;
}
