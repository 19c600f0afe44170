/** Types that a field of a form may have; `choice` is one of an enum, `choices` any number of one (an array of an enum). */
export type FieldType = 'string' | 'integer' | 'number' | 'boolean' | 'choice' | 'choices';

export interface FormChoice {
  value: string | number;
  /** What a person reads; the value itself where the schema has no words for it. */
  title: string;
}

/** One field of a form, as a person fills it in. Bounds count characters of a text, entries of `choices`, or are those of a number. */
export interface FormField {
  name: string;
  title: string;
  description?: string | undefined;
  type: FieldType;
  required: boolean;
  default?: unknown;
  choices: readonly FormChoice[];
  minimum?: number | undefined;
  maximum?: number | undefined;
  /** E.g. `email`, `uri`, `date`, `date-time`. */
  format?: string | undefined;
}

/** A form as it can be shown, or why it cannot. */
export type ReadForm = { ok: true; fields: readonly FormField[] } | { ok: false; problem: string };

type Schema = Readonly<Record<string, unknown>>;

/** Most fields that a form may have: a person answers them one by one. */
export const MOST_FIELDS = 50;

const NO_SCHEMA: Schema = {
  type: 'object',
  properties: { response: { type: 'string', title: 'Your answer' } },
  required: ['response'],
};

/** The form's schema as an object with properties: no schema is one text, a schema of one value is an object with a `response`. */
export function objectForm(schema: unknown): unknown {
  if (schema === undefined || schema === null) return NO_SCHEMA;
  if (!isObject(schema) || schema['type'] === 'object' || schema['properties'] !== undefined) return schema;
  return { type: 'object', properties: { response: schema }, required: ['response'] };
}

/**
 * Reads the flat JSON Schema of a form (the one of MCP's elicitations): properties of type string, number, integer or boolean, an enum, or
 * an array of an enum. Anything else is a problem in words, which name the field.
 */
export function readForm(schema: unknown): ReadForm {
  if (!isObject(schema) || (schema['type'] !== undefined && schema['type'] !== 'object'))
    return problem('its schema is no object with properties');
  const { properties, required = [] } = schema;
  if (!isObject(properties)) return problem('its schema has no properties');
  const names = Object.keys(properties);
  if (names.length === 0 || names.length > MOST_FIELDS)
    return problem(`it has ${names.length} fields; 1 to ${MOST_FIELDS} can be shown`);
  if (!Array.isArray(required) || !required.every((name) => typeof name === 'string' && names.includes(name)))
    return problem('`required` is no list of its fields');
  const fields: FormField[] = [];
  for (const name of names) {
    const field = readField(name, properties[name], required.includes(name));
    if (typeof field === 'string') return problem(`the field ${name} ${field}`);
    fields.push(field);
  }
  return { ok: true, fields };
}

const PLAIN = ['string', 'integer', 'number', 'boolean'] as const;

/** The field, or what is wrong with it. */
function readField(name: string, schema: unknown, required: boolean): FormField | string {
  if (!isObject(schema)) return 'has no schema';
  const isList = schema['type'] === 'array';
  const source = isList ? schema['items'] : schema;
  if (!isObject(source)) return 'is an array without `items`';
  const choices = choicesOf(source);
  if (typeof choices === 'string') return choices;
  const plain = PLAIN.find((type) => type === schema['type']);
  if (isList && choices.length === 0) return 'is an array of what is no enum';
  if (!isList && choices.length === 0 && plain === undefined) {
    const type = schema['type'] === undefined ? 'no type' : `the type ${JSON.stringify(schema['type'])}`;
    return `has ${type}; string, number, integer, boolean, an enum and an array of an enum can be shown`;
  }
  const type = isList ? 'choices' : choices.length > 0 ? 'choice' : (plain ?? 'string');
  const bounds = BOUNDS[type];
  return {
    name,
    title: textOf(schema['title']) ?? name,
    description: textOf(schema['description']),
    type,
    required,
    ...(schema['default'] === undefined ? {} : { default: schema['default'] }),
    choices,
    minimum: bounds === undefined ? undefined : numberOf(schema[bounds[0]]),
    maximum: bounds === undefined ? undefined : numberOf(schema[bounds[1]]),
    format: type === 'string' ? textOf(schema['format']) : undefined,
  };
}

const BOUNDS: Readonly<Partial<Record<FieldType, readonly [string, string]>>> = {
  string: ['minLength', 'maxLength'],
  integer: ['minimum', 'maximum'],
  number: ['minimum', 'maximum'],
  choices: ['minItems', 'maxItems'],
};

/** `enum` with or without `enumNames`, or `oneOf`/`anyOf` of `const` and `title`; empty where the schema is no enum. */
function choicesOf(schema: Schema): FormChoice[] | string {
  const titled = schema['oneOf'] ?? schema['anyOf'];
  if (titled !== undefined) {
    if (!Array.isArray(titled)) return 'has a `oneOf` that is no list';
    const choices = titled.map((one: unknown) =>
      isObject(one) && isChoice(one['const'])
        ? { value: one['const'], title: textOf(one['title']) ?? String(one['const']) }
        : undefined,
    );
    if (choices.length === 0 || choices.includes(undefined)) return 'has a `oneOf` of what is no constant';
    return choices.filter((choice) => choice !== undefined);
  }
  const { enum: values, enumNames: names } = schema;
  if (values === undefined) return [];
  if (!Array.isArray(values) || values.length === 0 || !values.every(isChoice))
    return 'has an `enum` that is no list of texts or numbers';
  return values.map((value, index) => ({
    value,
    title: (Array.isArray(names) ? textOf(names[index]) : undefined) ?? String(value),
  }));
}

function isChoice(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

function isObject(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function problem(words: string): ReadForm {
  return { ok: false, problem: words };
}
