import type { FormChoice, FormField } from '../../protocol/form/form.ts';

/** What was typed as the field's value; what does not fit is given as it was typed, for the check to say why. */
export function readField({ type, choices }: FormField, line: string): unknown {
  const text = line.trim();
  switch (type) {
    case 'string':
      return line;
    case 'integer':
    case 'number':
      // What JavaScript takes beyond decimal numbers (0x10, an empty text) no person means.
      return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : text;
    case 'boolean':
      return readBoolean(text);
    case 'choice':
      return readChoice(choices, text);
    case 'choices':
      return text.split(',').map((one) => readChoice(choices, one.trim()));
  }
}

function readBoolean(text: string): unknown {
  if (/^(y|yes|true)$/i.test(text)) return true;
  return /^(n|no|false)$/i.test(text) ? false : text;
}

/** By its value or title, else by its place in the list: a choice may be a number itself. */
function readChoice(choices: readonly FormChoice[], text: string): unknown {
  const lower = text.toLowerCase();
  const named =
    choices.find(({ value, title }) => String(value) === text || title === text) ??
    choices.find(({ value, title }) => [String(value), title].some((name) => name.toLowerCase() === lower));
  if (named !== undefined) return named.value;
  return /^\d+$/.test(text) ? (choices[Number(text) - 1]?.value ?? text) : text;
}
