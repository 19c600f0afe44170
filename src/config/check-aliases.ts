import { faultsOf } from './read-shape.ts';
import type { Finding } from './shape.ts';
import type { Alias, UserConfig } from './user-config.ts';

/** Throws `invalid_request` for aliases that no command could reach, or that lead to nothing but each other. */
export function checkAliases(
  { aliases, file, places }: Pick<UserConfig, 'aliases' | 'file' | 'places'>,
  reserved: readonly string[],
): void {
  const findings = Object.keys(aliases).flatMap((name): Finding[] => {
    const message = reserved.includes(name)
      ? `the alias ${name} is the name of a command or of a built-in team; give it another name`
      : loopMessage(name, aliases);
    if (message === undefined) return [];
    return [{ ...(places.get(`aliases.${name}`) ?? { line: 1, column: 1 }), message }];
  });
  if (findings.length > 0) throw faultsOf(file, findings);
}

function loopMessage(name: string, aliases: Readonly<Record<string, Alias>>): string | undefined {
  const way = wayOf(name, aliases);
  const again = way.at(-1);
  if (again === undefined || way.indexOf(again) === way.length - 1) return undefined;
  return `the alias ${name} leads in a circle (${way.join(' -> ')}); let one of them name a team`;
}

/** The names from alias to alias; one that comes again ends it. */
function wayOf(name: string, aliases: Readonly<Record<string, Alias>>): string[] {
  const way: string[] = [];
  let next: string | undefined = name;
  while (next !== undefined && Object.hasOwn(aliases, next)) {
    way.push(next);
    if (way.indexOf(next) < way.length - 1) break;
    next = aliases[next]?.path;
  }
  return way;
}

/** What a name leads to: a team, and what the aliases on the way say, the first of them before those behind it. The aliases have been checked. */
export function followAlias(name: string, aliases: Readonly<Record<string, Alias>>): Alias | undefined {
  const alias = Object.hasOwn(aliases, name) ? aliases[name] : undefined;
  if (alias === undefined) return undefined;
  const behind = followAlias(alias.path, aliases);
  return behind === undefined ? alias : { ...behind, ...alias, path: behind.path };
}
