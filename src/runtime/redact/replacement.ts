/** Brackets that a replacement may stand in; the first pair that no value has is taken. */
const BRACKETS: readonly (readonly [string, string])[] = [
  ['[', ']'],
  ['<', '>'],
  ['{', '}'],
  ['\u00AB', '\u00BB'],
];

/** What stands for a value: `[redacted:NAME]`, changed where that would itself be, or begin, one of the values. */
export function replacementFor(name: string, values: readonly string[]): string {
  const brackets = BRACKETS.find((pair) => !values.some((value) => pair.some((one) => value.includes(one))));
  const [open, close] = brackets ?? ['', ''];
  const bodies = [`redacted:${name}`, 'redacted', 'hidden'];
  const body = bodies.find((candidate) => !values.some((value) => candidate.includes(value)));
  return `${open}${body ?? ''}${close}`;
}
