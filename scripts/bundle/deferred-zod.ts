/**
 * What the built command gets for `zod`: the same functions, but a schema is made when somebody first uses it. The contract and the
 * events are some hundred schemas, and most runs need thirty of them; making them all was a quarter of the start of the program.
 *
 * A deferred schema stands for the real one in every way that the program can see: what makes another schema of it (`optional`,
 * `extend` ...) is deferred too, all else is asked of the real one. Schemas made of others are made of the real ones, so that a value is
 * checked at zod's own speed.
 */
import {
  any,
  array,
  boolean,
  coerce as realCoerce,
  config,
  discriminatedUnion,
  enum as enumeration,
  instanceof as instanceOf,
  int,
  int32,
  intersection,
  iso as realIso,
  json,
  lazy as realLazy,
  literal,
  looseObject,
  never,
  null as nothing,
  number,
  object,
  partialRecord,
  record,
  strictObject,
  string,
  templateLiteral,
  toJSONSchema as realToJsonSchema,
  tuple,
  union,
  unknown,
  ZodError,
} from 'zod';
import english from 'zod/v4/locales/en.js';

// Zod's own entry sets the words of its messages; here they are made for the first message.
let words: ReturnType<typeof english>['localeError'] | undefined;
config({ localeError: (issue) => (words ??= english().localeError)(issue) });

type Schema = Record<PropertyKey, unknown>;
type Make = (...args: never[]) => unknown;

/** The real schema behind a deferred one. */
const REAL = Symbol('real schema');

/** Methods that make another schema and do nothing else. */
const MAKERS = new Set(
  `optional nullable nullish default prefault catch readonly describe meta brand min max length nonempty regex startsWith
   endsWith includes trim toLowerCase int positive nonnegative negative multipleOf gt gte lt lte finite safe extend
   safeExtend merge pick omit partial required strict loose passthrough catchall strip array or and refine superRefine
   check transform pipe overwrite url email uuid datetime`.split(/\s+/),
);

/** Checks of values, which zod speeds up by compiling a function per schema. */
const CHECKS = new Set(['parse', 'safeParse']);

/** So many values are checked without a function of their own: making one costs more than it saves on the first few. */
const FEW = 8;

function deferred(make: () => unknown): unknown {
  let made: Schema | undefined;
  const real = (): Schema => (made ??= make() as Schema);
  const bound = new Map<PropertyKey, unknown>();
  return new Proxy(
    {},
    {
      get(_, name) {
        if (name === REAL) return real();
        const known = bound.get(name);
        if (known !== undefined) return known;
        if (typeof name === 'string' && MAKERS.has(name)) return maker(name, real);
        const value = real()[name];
        if (typeof value !== 'function') return value;
        const method = CHECKS.has(String(name))
          ? checker(value as Check, real())
          : (value.bind(real()) as unknown);
        bound.set(name, method);
        return method;
      },
      set: (_, name, value) => Reflect.set(real(), name, value),
      has: (_, name) => name in real(),
      ownKeys: () => Reflect.ownKeys(real()),
      getOwnPropertyDescriptor(_, name) {
        const found = Reflect.getOwnPropertyDescriptor(real(), name);
        // A proxy may not call fixed what its empty target does not have.
        return found === undefined ? undefined : { ...found, configurable: true };
      },
      getPrototypeOf: () => Reflect.getPrototypeOf(real()),
    },
  );
}

const maker =
  (name: string, real: () => Schema) =>
  (...args: unknown[]): unknown =>
    deferred(() => (real()[name] as Make).apply(real(), args.map(undeferred) as never[]));

type Check = (value: unknown, context?: object) => unknown;

function checker(check: Check, schema: Schema): Check {
  let count = 0;
  return (value, context) => {
    if (count >= FEW) return check.call(schema, value, context);
    count += 1;
    return check.call(schema, value, { ...context, jitless: true });
  };
}

/** The same value with every deferred schema in it replaced by the real one. */
function undeferred(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const schema = (value as Schema)[REAL];
  if (schema !== undefined) return schema;
  if (Array.isArray(value)) return value.map(undeferred);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  const copy = {};
  for (const [key, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(value))) {
    const { get } = descriptor;
    if (get === undefined) descriptor.value = undeferred(descriptor.value);
    else descriptor.get = () => undeferred(get.call(value));
    Object.defineProperty(copy, key, descriptor);
  }
  return copy;
}

/** A function of zod that makes a schema, put off. */
function later<Function extends Make>(make: Function): Function {
  const put = (...args: unknown[]): unknown => deferred(() => make(...(args.map(undeferred) as never[])));
  return put as unknown as Function;
}

export const z = {
  any: later(any),
  array: later(array as Make),
  boolean: later(boolean),
  coerce: realCoerce,
  discriminatedUnion: later(discriminatedUnion as Make),
  enum: later(enumeration as Make),
  instanceof: later(instanceOf as Make),
  int: later(int),
  int32: later(int32),
  intersection: later(intersection as Make),
  iso: { date: later(realIso.date as Make), datetime: later(realIso.datetime as Make) },
  json: later(json),
  lazy: (getter: () => unknown) => deferred(() => realLazy(() => undeferred(getter()) as never)),
  literal: later(literal as Make),
  looseObject: later(looseObject as Make),
  never: later(never),
  null: later(nothing),
  number: later(number),
  object: later(object as Make),
  partialRecord: later(partialRecord as Make),
  record: later(record as Make),
  strictObject: later(strictObject as Make),
  string: later(string),
  templateLiteral: later(templateLiteral as Make),
  toJSONSchema: (schema: unknown, options?: never) => realToJsonSchema(undeferred(schema) as never, options),
  tuple: later(tuple as Make),
  union: later(union as Make),
  unknown: later(unknown),
  ZodError,
};
