import { YonderError } from '../errors.ts';
import { LIMITS } from './contract.ts';

/**
 * What no schema says of a body: how deep it is, how many fields and list items it has in all, and that no field is `__proto__`, which would mean
 * something else to the first code that copies it. Gives the number of its fields; throws `invalid_request`.
 */
export function checkBounds(what: string, body: unknown): number {
  const found = { values: 0, fields: 0 };
  walk(what, body, LIMITS.body_levels, found);
  return found.fields;
}

/** More levels would end in the stack of whoever walks the body: schemas, digests, the store. */
function walk(what: string, value: unknown, levels: number, found: { values: number; fields: number }): void {
  if (typeof value !== 'object' || value === null) return;
  if (levels === 0)
    throw new YonderError(
      'invalid_request',
      `${what}: the body is nested over ${LIMITS.body_levels} levels deep`,
    );
  const members = Object.values(value);
  found.values += members.length;
  if (!Array.isArray(value)) {
    found.fields += members.length;
    if (Object.hasOwn(value, '__proto__'))
      throw new YonderError('invalid_request', `${what}: a field cannot be called __proto__`);
  }
  if (found.values > LIMITS.body_values)
    throw new YonderError(
      'invalid_request',
      `${what}: the body has more than ${LIMITS.body_values} fields and list items`,
    );
  for (const member of members) walk(what, member, levels - 1, found);
}
