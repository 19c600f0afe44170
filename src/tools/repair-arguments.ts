import type { JsonSchema } from './parameters.ts';

/**
 * Mends the four mistakes that models make with the shape of arguments, where the schema leaves no doubt what was meant:
 * 1. an array or object written as JSON text; 2. one value where a list is wanted; 3. a number or boolean written as text;
 * 4. null for an argument that is left out. Text where text is wanted is never touched, whatever it looks like.
 */
export function repairArguments(value: unknown, schema: JsonSchema): unknown {
  if (schema.type === 'array') return repairList(value, schema);
  if (schema.type === 'object') return repairObject(value, schema);
  if (typeof value !== 'string') return value;
  if (schema.type === 'number' || schema.type === 'integer') return numberIn(value);
  if (schema.type === 'boolean') return booleanIn(value);
  return value;
}

function repairList(value: unknown, schema: JsonSchema): unknown {
  if (value === null || value === undefined) return value;
  const read = typeof value === 'string' ? jsonIn(value) : value;
  const wanted = schema.items?.type;
  const isText = typeof value === 'string' && wanted === 'string';
  const single = isText && !Array.isArray(read) ? value : read;
  const list: readonly unknown[] = Array.isArray(single) ? single : [single];
  return list.map((item) => (schema.items === undefined ? item : repairArguments(item, schema.items)));
}

function repairObject(value: unknown, schema: JsonSchema): unknown {
  const read = typeof value === 'string' ? jsonIn(value) : value;
  if (typeof read !== 'object' || read === null || Array.isArray(read)) return value;
  const required = new Set(schema.required);
  const members = Object.entries(read)
    .filter(([name, member]) => member !== null || required.has(name))
    .map(([name, member]) => {
      const known = schema.properties?.[name];
      return [name, known === undefined ? member : repairArguments(member, known)];
    });
  return Object.fromEntries(members);
}

/** What JSON text says; the text itself where it is none. */
function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}

function numberIn(text: string): unknown {
  return /^\s*-?\d+(\.\d+)?\s*$/.test(text) ? Number(text) : text;
}

function booleanIn(text: string): unknown {
  const word = text.trim().toLowerCase();
  return word === 'true' || word === 'false' ? word === 'true' : text;
}
