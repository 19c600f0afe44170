import { problemOf } from '../../protocol/form/check-form.ts';
import { type FormField, readForm } from '../../protocol/form/form.ts';
import type { EventOf } from '../../protocol/events/events.ts';
import { printable, type Style } from '../terminal/style.ts';
import { firstAnswer } from './first-answer.ts';
import { readField } from './read-field.ts';
import type { Prompter } from './prompter.ts';
import type { Answer } from './question.ts';

type Elicitation = EventOf<'elicitation_request'>;

const NO = { n: 'decline', no: 'decline', decline: 'decline', c: 'cancel', cancel: 'cancel' } as const;

/** A form field by field, or an address; undefined when it is withdrawn. One that cannot be shown can be declined or canceled. */
export async function askForm(
  event: Elicitation,
  prompter: Prompter,
  style: Style,
  signal: AbortSignal,
): Promise<Answer | undefined> {
  const who = event.agent_name === undefined ? 'The agent' : event.agent_name;
  const title = event.title === undefined ? `${who} asks` : printable(event.title);
  prompter.note(`${style('bold', title)}\n${printable(event.message)}`);
  if (event.mode === 'url') return askAddress(event, prompter, style, signal);
  const form = readForm(event.schema);
  if (form.ok) return askFields(form.fields, prompter, style, signal);
  prompter.note(
    `This form cannot be shown here: ${printable(form.problem)}.\n[n]o (decline it), [c]ancel (leave it unanswered)`,
  );
  return firstAnswer(prompter, signal, { hint: 'answer with n or c', keys: ['n', 'c'] }, readNo);
}

function askAddress(
  { url = '' }: Elicitation,
  prompter: Prompter,
  style: Style,
  signal: AbortSignal,
): Promise<Answer | undefined> {
  prompter.note(
    `  ${style('bold', printable(url))}\n[y]es, I have opened it and am done, [n]o, [c]ancel (leave it unanswered)`,
  );
  return firstAnswer(prompter, signal, { hint: 'answer with y, n or c', keys: ['y', 'n', 'c'] }, (line) =>
    /^\s*y(es)?\s*$/i.test(line) ? { decision: 'accept' } : readNo(line),
  );
}

function readNo(line: string): Answer | undefined {
  const key = line.trim().toLowerCase();
  return Object.hasOwn(NO, key) ? { decision: NO[key as keyof typeof NO] } : undefined;
}

async function askFields(
  fields: readonly FormField[],
  prompter: Prompter,
  style: Style,
  signal: AbortSignal,
): Promise<Answer | undefined> {
  prompter.note(style('dim', '/decline [REASON] says no, /cancel leaves it unanswered'));
  const content: Record<string, unknown> = {};
  for (const field of fields) {
    const given = await askField(field, prompter, style, signal);
    if (given === undefined) return undefined;
    if ('decision' in given) return given;
    if (given.value !== undefined) content[field.name] = given.value;
  }
  return { decision: 'accept', content };
}

/** The field's value, undefined for one that stays empty; or the no to the whole form. */
async function askField(
  field: FormField,
  prompter: Prompter,
  style: Style,
  signal: AbortSignal,
): Promise<{ value: unknown } | Answer | undefined> {
  const lines = [
    `${style('bold', printable(field.title))} ${style('dim', `(${kindOf(field)})`)}`,
    ...(field.description === undefined ? [] : [style('dim', `  ${printable(field.description)}`)]),
    ...field.choices.map(({ title }, index) => `  ${index + 1} ${printable(title)}`),
  ];
  prompter.note(lines.join('\n'));
  for (;;) {
    const line = await prompter.line(`${promptOf(field)}? `, signal);
    if (line === undefined) return undefined;
    const no = /^\s*\/(decline|cancel)(?:\s+(.*))?$/.exec(line);
    if (no !== null) {
      const reason = no[2]?.trim();
      return {
        decision: no[1] === 'decline' ? 'decline' : 'cancel',
        ...(reason === undefined || reason === '' ? {} : { reason }),
      };
    }
    const value = line.trim() === '' ? field.default : readField(field, line);
    if (value === undefined && !field.required) return { value };
    const problem = value === undefined ? 'it is required' : problemOf(field, value);
    if (problem === undefined) return { value };
    prompter.note(`${printable(field.title)}: ${problem}`);
  }
}

const KINDS: Record<FormField['type'], string> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: 'y or n',
  choice: 'one of these, by number or name',
  choices: 'any of these, by number or name, with commas between',
};

function kindOf({ type, required, format, minimum, maximum }: FormField): string {
  const bounds = [
    minimum === undefined ? undefined : `at least ${minimum}`,
    maximum === undefined ? undefined : `at most ${maximum}`,
  ];
  const unit = type === 'string' ? ' characters' : type === 'choices' ? ' of them' : '';
  const range = bounds.filter((bound) => bound !== undefined).join(', ');
  const parts = [
    format ?? KINDS[type],
    range === '' ? '' : `${range}${unit}`,
    required ? '' : 'may be empty',
  ];
  return parts.filter((part) => part !== '').join(', ');
}

/** With what Enter alone gives, in brackets. */
function promptOf({ name, default: usual }: FormField): string {
  if (usual === undefined) return printable(name);
  const shown = Array.isArray(usual)
    ? usual.join(', ')
    : typeof usual === 'string'
      ? usual
      : JSON.stringify(usual);
  return printable(`${name} [${shown}]`);
}
