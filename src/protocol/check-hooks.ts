import {
  BUILTIN_HOOKS,
  HOOK_EVENTS,
  type HookDefinition,
  type HookEvent,
  type HooksConfig,
} from './contract/hooks.ts';
import { suggestion } from './nearest.ts';

/** What is wrong with a hook, or not built yet, at a path of keys below the hooks. */
export interface HookProblem {
  path: string;
  message: string;
  /** The feature's name, where it is known and not built yet. */
  later?: string;
}

/** A list of hooks that stand together, for the tools that `matcher` names. */
export interface HookGroup {
  /** The path of keys below the hooks. */
  path: string;
  matcher: string | undefined;
  hooks: readonly HookDefinition[];
}

/** The hooks of one event in groups, whichever of the two forms the event has. */
export function groupsOf(config: HooksConfig, event: HookEvent): HookGroup[] {
  const entries = config[event] ?? [];
  const flat = entries.filter((entry) => !('hooks' in entry)) as HookDefinition[];
  const matched = entries.flatMap((entry, index) =>
    'hooks' in entry
      ? [{ path: `${event}[${index}].hooks`, matcher: entry.matcher, hooks: entry.hooks }]
      : [],
  );
  return flat.length === 0 ? matched : [{ path: event, matcher: undefined, hooks: flat }];
}

/**
 * The names that a matcher is for: a regular expression over the whole tool name; `*`, empty or absent is all. A leading `(?i)` is taken as
 * other dialects mean it. Throws SyntaxError.
 */
export function matcherOf(matcher: string | undefined): (name: string) => boolean {
  if (matcher === undefined || matcher === '' || matcher === '*') return () => true;
  const ignoresCase = matcher.startsWith('(?i)');
  const pattern = new RegExp(`^(?:${ignoresCase ? matcher.slice(4) : matcher})$`, ignoresCase ? 'iu' : 'u');
  return (name) => pattern.test(name);
}

/** Everything that keeps these hooks from standing, found before any of them is needed. */
export function hookProblems(config: HooksConfig): HookProblem[] {
  return HOOK_EVENTS.flatMap((event) =>
    groupsOf(config, event).flatMap((group) => [
      ...matcherProblems(group),
      ...group.hooks.flatMap((hook, index) => problemsOf(hook, `${group.path}[${index}]`)),
    ]),
  );
}

function matcherProblems({ path, matcher }: HookGroup): HookProblem[] {
  try {
    matcherOf(matcher);
    return [];
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    const message = `the matcher "${matcher}" is no regular expression (${why}); write e.g. shell|write_file, or * for all tools`;
    return [{ path: path.replace(/hooks$/, 'matcher'), message }];
  }
}

function problemsOf(hook: HookDefinition, path: string): HookProblem[] {
  const { type = 'command', command = '' } = hook;
  if (type === 'model')
    return [{ path: `${path}.type`, message: 'a hook that asks a model', later: 'a hook that asks a model' }];
  if (command.trim() === '') {
    const wanted = type === 'command' ? 'a command, as in command: ./guard.sh' : "a built-in's name";
    return [{ path, message: `a hook of type ${type} needs ${wanted}` }];
  }
  if (command.includes('\0')) return [{ path: `${path}.command`, message: 'a command holds no NUL' }];
  if (type === 'command') return [];
  const known = Object.hasOwn(BUILTIN_HOOKS, command) ? BUILTIN_HOOKS[command] : undefined;
  if (known?.later === true)
    return [{ path: `${path}.command`, message: command, later: `the built-in hook ${command}` }];
  if (known !== undefined) return [];
  const names = Object.keys(BUILTIN_HOOKS);
  const hint = suggestion(command, names) || `; there are ${names.join(', ')}`;
  return [{ path: `${path}.command`, message: `there is no built-in hook "${command}"${hint}` }];
}
