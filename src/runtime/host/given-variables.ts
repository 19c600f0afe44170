import { environmentReferences } from '../../protocol/environment-references.ts';
import { YonderError } from '../../protocol/errors.ts';
import type { AcceptedSession } from '../../protocol/contract/payloads.ts';
import type { ResolvedTeam } from '../../protocol/team.ts';
import { keyName } from '../../model/keys.ts';

/** `env:NAME`, as a secret is referred to. */
const SECRET = /\benv:([A-Za-z_][A-Za-z0-9_]*)/g;

/**
 * The variables that a session was given and its team needs, as far as nobody has them any more: their values lived in the memory of a process that has
 * ended. Of those that were given only the names are stored.
 */
export function lostVariables(
  team: ResolvedTeam,
  settings: AcceptedSession,
  has: (name: string) => boolean,
): string[] {
  const given = Object.keys(settings.runtime_config?.env ?? {});
  if (given.length === 0) return [];
  const needed = neededBy(team, settings.runtime_config?.cassette?.mode === 'replay');
  return given.filter((name) => needed.has(name) && !has(name));
}

/** Throws `env_missing` with their names, and how they are given again. */
export function refuseLost(session_id: string, names: readonly string[]): void {
  if (names.length === 0) return;
  throw new YonderError(
    'env_missing',
    `session ${session_id} needs ${names.join(', ')}, whose values were given to a process that has ended; give them again: yonder run --session ${session_id} --env-from-file FILE`,
    { details: { names: [...names] } },
  );
}

/** Keys of its models, and what its texts and tools refer to. */
function neededBy(team: ResolvedTeam, isPlayed: boolean): ReadonlySet<string> {
  const text = JSON.stringify(team);
  const keys = isPlayed ? [] : Object.values(team.models).flatMap((model) => keyName(model) ?? []);
  const secrets = Array.from(text.matchAll(SECRET), (match) => match[1] ?? '');
  return new Set([...keys, ...environmentReferences(text), ...secrets]);
}
