import { parseDocument } from 'yaml';

/** What a `SKILL.md` says. */
export interface ReadSkill {
  name: string;
  description: string;
  allowed_tools?: string[];
  fork: boolean;
  for_person_alone: boolean;
  for_model_alone: boolean;
  /** What stands behind the front matter. */
  text: string;
  warnings: string[];
}

const LONGEST_NAME = 64;
/** Characters; what is longer would stand before the model at every call. */
const LONGEST_DESCRIPTION = 1024;

/** Keys of the field that would make a skill behave otherwise and that are not acted on, with what is done instead. */
const WITHOUT_EFFECT: Readonly<Record<string, string>> = {
  model: "the agent's own model is used",
  effort: "the agent's own model is used as it is set",
  agent: 'it is run by the agent that asks for it',
  hooks: 'they do not run',
  paths: 'it is offered everywhere',
  globs: 'it is offered everywhere',
  shell: 'nothing in its text is run',
  arguments: 'nothing is put into its text; what was typed stands at its end',
  tools: 'write allowed-tools',
  'disallowed-tools': 'write allowed-tools with what may be used',
  permissions: 'a skill grants nothing',
  'permission-mode': 'a skill grants nothing',
  env: 'it sets no variables',
  mcp: 'it starts no servers',
  mcpservers: 'it starts no servers',
};

/**
 * Takes a `SKILL.md` apart: YAML between two lines of `---`, then its text, which is kept to the letter and never expanded (R32). The folder's name stands in where it has
 * none. A text is what is wrong with it.
 */
export function readSkillText(content: string, folder: string): ReadSkill | string {
  const whole = content.replace(/^\uFEFF/, '');
  const found = /^---[ \t]*\r?\n(?:([\s\S]*?)\r?\n)?---[ \t]*(?:\r?\n|$)/.exec(whole);
  if (found === null)
    return whole.startsWith('---')
      ? 'its front matter has no end; close it with a line of ---'
      : 'it has no front matter; begin it with a line of ---, name and description, and a line of ---';
  const keys = readKeys(found[1] ?? '');
  if (typeof keys === 'string') return keys;
  return joined(keys, folder, whole.slice(found[0].length).trim());
}

function readKeys(yaml: string): Record<string, unknown> | string {
  const document = parseDocument(yaml, { prettyErrors: false, uniqueKeys: true, logLevel: 'silent' });
  const [error] = document.errors;
  if (error !== undefined) {
    const line = yaml.slice(0, error.pos[0]).split('\n').length + 1;
    return `its front matter is broken in line ${line}: ${error.message.split('\n', 1)[0] ?? ''}`;
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 20 }) as unknown;
  } catch (thrown) {
    return `its front matter cannot be read: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
  }
  if (value === null || value === undefined) return {};
  if (typeof value !== 'object' || Array.isArray(value))
    return 'its front matter is no mapping; write name: and description: in it';
  return value as Record<string, unknown>;
}

function joined(keys: Record<string, unknown>, folder: string, text: string): ReadSkill | string {
  const warnings: string[] = [];
  const { name = folder, description = '' } = keys;
  if (typeof name !== 'string' || !/^[A-Za-z0-9][\w.-]*$/.test(name) || name.length > LONGEST_NAME)
    return `its name ${JSON.stringify(name).slice(0, 80)} is none: letters, digits, - and _, at most ${LONGEST_NAME}`;
  if (typeof description !== 'string') return 'its description is no text';
  if (description.trim() === '')
    warnings.push('it has no description, so that the model cannot tell when to use it');
  if (description.length > LONGEST_DESCRIPTION)
    warnings.push(`of its description only the first ${LONGEST_DESCRIPTION} characters are used`);
  const allowed = allowedTools(keys['allowed-tools'] ?? keys['allowed_tools']);
  if (typeof allowed === 'string') return allowed;
  if (keys['context'] !== undefined && keys['context'] !== 'fork')
    warnings.push(`context: ${JSON.stringify(keys['context'])} is not known; there is fork`);
  for (const key of Object.keys(keys)) {
    const instead = WITHOUT_EFFECT[key.toLowerCase()];
    if (instead !== undefined) warnings.push(`${key} has no effect here: ${instead}`);
  }
  return {
    name,
    description: description.replace(/\s+/g, ' ').trim().slice(0, LONGEST_DESCRIPTION),
    ...(allowed === undefined ? {} : { allowed_tools: allowed }),
    fork: keys['context'] === 'fork' || keys['fork'] === true,
    for_person_alone: keys['disable-model-invocation'] === true,
    for_model_alone: keys['user-invocable'] === false,
    text,
    warnings,
  };
}

/** A list, or a text with commas or blanks between; those inside of brackets belong to the word. A text is what is wrong. */
function allowedTools(value: unknown): string[] | undefined | string {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value.match(/[^\s,(]+(?:\([^)]*\)?)?/g) ?? [];
  if (Array.isArray(value) && value.every((item) => typeof item === 'string'))
    return value.map((item) => item.trim()).filter((item) => item !== '');
  return 'its allowed-tools is neither a list of texts nor a text';
}
