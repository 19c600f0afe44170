import { hookProblems } from '../protocol/check-hooks.ts';
import { HOOK_EVENTS, type HookDefinition, type HooksConfig } from '../protocol/contract/hooks.ts';
import { milliseconds } from './duration.ts';
import type { Resolution } from './resolution.ts';
import type { AgentEntry } from './schema/team.ts';

type HooksEntry = NonNullable<AgentEntry['hooks']>;
type HookEntry = NonNullable<HooksEntry['session_start']>[number];

/** An agent's hooks with their timeouts in seconds; what cannot stand is a problem at its line. */
export function resolveHooks(entry: HooksEntry, path: string, resolution: Resolution): HooksConfig {
  const hooks: HooksConfig = {};
  for (const event of HOOK_EVENTS) {
    const list = entry[event];
    if (list === undefined || list.length === 0) continue;
    // The table of keys gives each event the one form or the other.
    Object.assign(hooks, { [event]: list.map(resolveEntry) });
  }
  for (const { path: below, message, later } of hookProblems(hooks)) {
    if (later === undefined) resolution.fault(`${path}.${below}`, message);
    else resolution.later(`${path}.${below}`, later);
  }
  return hooks;
}

function resolveEntry(
  entry: HookEntry | { matcher?: string | undefined; hooks?: HookEntry[] | undefined },
): unknown {
  if ('hooks' in entry) return { ...entry, hooks: (entry.hooks ?? []).map(resolveHook) };
  return resolveHook(entry as HookEntry);
}

function resolveHook(entry: HookEntry): HookDefinition {
  const { timeout, ...rest } = entry;
  return {
    ...rest,
    ...(timeout === undefined ? {} : { timeout: milliseconds(timeout) / 1_000 }),
  } as HookDefinition;
}
