import { hookFaults } from './hook-faults.ts';
import { SAFETY_MODES } from '../protocol/permissions.ts';
import type { Shape } from './shape.ts';

/** `user:password@` in a URL is a secret in the file. */
export const hasPassword = (url: string): boolean => {
  const { username, password } = URL.parse(url) ?? {};
  return `${username ?? ''}${password ?? ''}` !== '';
};

export const isVariable = (name: string): string | undefined =>
  /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? undefined : `"${name}" is not a name of a variable, e.g. MY_TOKEN`;

export const webAddress = (text: string): string | undefined =>
  /^https?:$/.test(URL.parse(text)?.protocol ?? '')
    ? undefined
    : 'must be an address that begins with https:// or http://';

/** A name of the team's own would mean something else with each team. */
export const modelProblem = (text: string): string | undefined =>
  /^[^/\s]+\/\S+$/.test(text)
    ? undefined
    : `must be provider/model, e.g. anthropic/claude-sonnet-4-6, not "${text}"`;

export const RULES_SHAPE: Shape = {
  kind: 'keys',
  keys: { allow: { kind: 'texts' }, ask: { kind: 'texts' }, deny: { kind: 'texts' } },
};

/** Hooks by event, in the form of a team file. */
export const HOOKS_SHAPE: Shape = { kind: 'value', check: hookFaults };

export const SAFETY_SHAPE: Shape = { kind: 'choice', values: SAFETY_MODES };

export const ALIAS_SHAPE: Shape = {
  kind: 'keys',
  short: 'path',
  required: ['path'],
  keys: {
    path: { kind: 'text' },
    model: { kind: 'text' },
    yolo: { kind: 'boolean' },
    hide_tool_results: { kind: 'boolean' },
  },
};

/** What may be called with one word, and starts no option and no path. */
export function aliasNameProblem(name: string): string | undefined {
  return /^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(name)
    ? undefined
    : `"${name}" cannot be the name of an alias; use letters, digits, - and _`;
}

const NO_LOOKS = 'Yonder has no such display setting; take the line out';

/** The user's configuration, key by key. */
export const USER_SHAPE: Shape = {
  kind: 'keys',
  keys: {
    models_gateway: { kind: 'text', check: webAddress },
    default_model: { kind: 'text', check: modelProblem },
    safety: SAFETY_SHAPE,
    pass_env: { kind: 'texts', check: isVariable },
    credential_helper: { kind: 'texts', single: true },
    aliases: { kind: 'each', of: ALIAS_SHAPE, checkName: aliasNameProblem },
    settings: {
      kind: 'keys',
      keys: {
        permissions: RULES_SHAPE,
        hooks: HOOKS_SHAPE,
        snapshot: { kind: 'boolean' },
        hide_tool_results: { kind: 'boolean' },
        hide_tool_calls: { kind: 'boolean' },
        colour: { kind: 'choice', values: ['auto', 'never'] },
      },
      hints: {
        YOLO: 'write safety: autonomous at the top of the file',
        pass_env: 'pass_env stands at the top of the file',
        safety: 'safety stands at the top of the file',
        color: 'it is written colour',
        theme: NO_LOOKS,
        expand_thinking: NO_LOOKS,
        split_diff_view: NO_LOOKS,
        tab_title_max_length: NO_LOOKS,
        restore_tabs: NO_LOOKS,
        sound: NO_LOOKS,
        sound_threshold: NO_LOOKS,
      },
    },
    folders: {
      kind: 'each',
      of: { kind: 'keys', keys: { permissions: RULES_SHAPE } },
      checkName: (name) =>
        name.startsWith('/') ? undefined : `the folder "${name}" must be an absolute path`,
    },
  },
  hints: {
    permissions: 'permissions stand under settings, or under folders.<path>',
    hooks: 'hooks stand under settings',
    snapshot: 'snapshot stands under settings',
    version: 'this file has no version; take the line out',
  },
};
