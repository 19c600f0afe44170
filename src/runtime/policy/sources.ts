import type { AllowedNames, Policy } from '../../protocol/policy.ts';
import type { TeamSource } from '../../protocol/team.ts';
import { teamPath } from './folders.ts';
import { forbid } from './forbid.ts';
import { withinAny } from './patterns.ts';

/** Whether a team may come from there, before anything of it is read. Gives the source with the real path of one by its path. */
export async function checkSource(policy: Policy | undefined, source: TeamSource): Promise<TeamSource> {
  if (policy === undefined) return source;
  const { sources } = policy;
  switch (source.kind) {
    case 'served':
    case 'builtin':
      if (isNamed(sources[source.kind], source.name)) return source;
      throw forbid(policy, {
        key: `sources.${source.kind}`,
        asked: `the ${source.kind === 'served' ? 'served' : 'built-in'} team ${source.name}`,
        allowed: allowedSources(policy),
      });
    case 'inline':
      if (sources.inline) return source;
      throw forbid(policy, {
        key: 'sources.inline',
        asked: `the team ${source.entry}, which the client sends`,
        allowed: allowedSources(policy),
      });
    case 'url':
      checkAddress(policy, source.url);
      return source;
    case 'path':
      return { ...source, path: await teamPath(policy, source.path) };
  }
}

/** A team's address, and each that it redirects to. */
export function checkAddress(policy: Policy, url: string): void {
  if (withinAny(policy.sources.url, url)) return;
  throw forbid(policy, {
    key: 'sources.url',
    asked: `the team at ${url}`,
    allowed: policy.sources.url.length === 0 ? allowedSources(policy) : policy.sources.url,
  });
}

export function isNamed(allowed: AllowedNames, name: string): boolean {
  return typeof allowed === 'boolean' ? allowed : allowed.includes(name);
}

/** What may be asked for instead, in words. */
function allowedSources({ sources }: Policy): string[] {
  const named = (names: AllowedNames, what: string): string[] => {
    if (typeof names === 'boolean') return names ? [`any ${what}`] : [];
    return names.map((name) => `the ${what} ${name}`);
  };
  return [
    ...named(sources.served, 'served team'),
    ...named(sources.builtin, 'built-in team'),
    ...(sources.inline ? ['a team file of the client'] : []),
    ...sources.url.map((url) => (url === '*' ? 'a team at any address' : `a team at ${url}`)),
    ...sources.path.map((path) => `a team file in ${path}`),
  ];
}
