import fc from 'fast-check';
import type { z } from 'zod';

/** Values that a schema takes: what a caller may send, absent fields included. Knows the kinds of schema that the contract uses, no others. */
export function arbitraryOf(schema: z.core.$ZodType): fc.Arbitrary<unknown> {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'string':
      return fc.string({ minLength: 1 }).filter((text) => !('checks' in def) || fits(schema, text));
    case 'number':
      return fc.oneof(fc.integer({ min: 0, max: 1000 }), fc.integer()).filter((value) => fits(schema, value));
    case 'boolean':
      return fc.boolean();
    case 'unknown':
      return jsonValues;
    case 'enum':
      return fc.constantFrom(...Object.values(def.entries));
    case 'literal':
      return fc.constantFrom(...def.values);
    case 'array':
      return fc.array(arbitraryOf(def.element), { minLength: fits(schema, []) ? 0 : 1, maxLength: 3 });
    case 'record':
      return fc.dictionary(fc.string({ minLength: 1 }).filter(isPlainKey), arbitraryOf(def.valueType), {
        maxKeys: 3,
        noNullPrototype: true,
      });
    case 'union':
      return fc.oneof(...def.options.map(arbitraryOf));
    case 'optional':
    case 'default':
    case 'prefault':
    case 'nullable':
      return arbitraryOf(def.innerType);
    case 'lazy':
      return jsonValues;
    case 'pipe':
      return arbitraryOf(def.in);
    case 'object':
      return objectOf(def.shape);
    default:
      throw new TypeError(`no values for a ${def.type}: add it`);
  }
}

/** Fields that may be absent are absent in some of the values. */
function objectOf(shape: z.core.$ZodShape): fc.Arbitrary<unknown> {
  const required = Object.keys(shape).filter((key) => !fits(shape[key] as z.ZodType, undefined));
  const fields = Object.entries(shape).map(([key, field]): [string, fc.Arbitrary<unknown>] => [
    key,
    arbitraryOf(field),
  ]);
  return fc.record(Object.fromEntries(fields), { requiredKeys: required, noNullPrototype: true });
}

function fits(schema: z.core.$ZodType, value: unknown): boolean {
  return (schema as z.ZodType).safeParse(value).success;
}

/** `__proto__` is a member that records leave out on purpose. */
function isPlainKey(key: string): boolean {
  return key !== '__proto__';
}

/** Any JSON but with `__proto__` in it. */
export const jsonValues = fc.jsonValue().filter((value) => !JSON.stringify(value).includes('__proto__'));
