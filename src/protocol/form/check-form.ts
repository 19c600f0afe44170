import type { FormField } from './form.ts';

/** The content as it is stored, defaults put in; or the first field that does not fit, and why. */
export type CheckedForm =
  | { ok: true; content: Record<string, unknown> }
  | { ok: false; field: string; problem: string };

/** Checks what a form was filled in with: nothing that is required is missing, nothing is there that was not asked for. */
export function checkForm(
  fields: readonly FormField[],
  content: Readonly<Record<string, unknown>>,
): CheckedForm {
  const unknown = Object.keys(content).find((name) => !fields.some((field) => field.name === name));
  if (unknown !== undefined) {
    const names = fields.map(({ name }) => name).join(', ');
    return { ok: false, field: unknown, problem: `the form has no such field; it has ${names}` };
  }
  const checked: Record<string, unknown> = {};
  for (const field of fields) {
    const value = Object.hasOwn(content, field.name) ? content[field.name] : field.default;
    if (value === undefined) {
      if (field.required) return { ok: false, field: field.name, problem: 'it is required' };
      continue;
    }
    const problem = problemOf(field, value);
    if (problem !== undefined) return { ok: false, field: field.name, problem };
    checked[field.name] = value;
  }
  return { ok: true, content: checked };
}

/** Why a value does not fit a field, in words for whoever typed it; undefined when it does. */
export function problemOf(field: FormField, value: unknown): string | undefined {
  switch (field.type) {
    case 'string':
      return typeof value === 'string' ? textProblem(field, value) : 'it takes a text';
    case 'integer':
      return Number.isSafeInteger(value)
        ? boundsProblem(field, value as number, 'it')
        : 'it takes a whole number';
    case 'number':
      return typeof value === 'number' && Number.isFinite(value)
        ? boundsProblem(field, value, 'it')
        : 'it takes a number';
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'it takes true or false';
    case 'choice':
      return isOffered(field, value) ? undefined : `it takes one of ${offered(field)}`;
    case 'choices':
      return choicesProblem(field, value);
  }
}

function textProblem(field: FormField, text: string): string | undefined {
  if (field.required && text === '' && field.minimum === undefined) return 'it is required';
  const bounds = boundsProblem(field, Array.from(text).length, 'its number of characters');
  if (bounds !== undefined) return bounds;
  const fits = field.format === undefined || (FORMATS[field.format]?.(text) ?? true);
  return fits ? undefined : `it takes a text of the format ${field.format ?? ''}`;
}

/** Of the formats that MCP names; others are the sender's own business. */
const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  email: (text) => /^[^\s@]+@[^\s@]+$/.test(text),
  uri: (text) => URL.canParse(text),
  date: (text) => /^\d{4}-\d\d-\d\d$/.test(text) && isDate(text),
  'date-time': (text) => /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) && !Number.isNaN(Date.parse(text)),
};

/** `Date` takes the 31st of June for the 1st of July. */
function isDate(text: string): boolean {
  const time = Date.parse(text);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

function choicesProblem(field: FormField, value: unknown): string | undefined {
  if (!Array.isArray(value) || !value.every((one) => isOffered(field, one)))
    return `it takes a list of ${offered(field)}`;
  if (new Set(value).size !== value.length) return 'it takes each choice once';
  return boundsProblem(field, value.length, 'its number of choices');
}

function isOffered(field: FormField, value: unknown): boolean {
  return field.choices.some((choice) => choice.value === value);
}

function offered(field: FormField): string {
  return field.choices.map(({ value }) => JSON.stringify(value)).join(', ');
}

function boundsProblem({ minimum, maximum }: FormField, amount: number, what: string): string | undefined {
  if (minimum !== undefined && amount < minimum) return `${what} is below ${minimum}`;
  if (maximum !== undefined && amount > maximum) return `${what} is above ${maximum}`;
  return undefined;
}
