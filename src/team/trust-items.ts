import { canonicalJson } from '../protocol/canonical-json.ts';
import { environmentReferences } from '../protocol/environment-references.ts';
import { builtInProvider, PROVIDERS, type BuiltInProvider } from '../protocol/providers.ts';
import type { TrustItem } from '../protocol/team.ts';
import { usesLocalSkills } from './resolve-skills.ts';
import { memberPath } from './member-path.ts';
import type { AgentEntry, ModelEntry, ProviderEntry, TeamFile } from './schema/team.ts';

/**
 * Everything in a team file that needs a yes (R4): what would execute or disclose something before any decision holds the run
 * (`blocks`), what would only loosen decisions is ignored until the yes. No item holds a line or an instruction's text, so that editing those asks nothing.
 */
export function trustItems(file: TeamFile): TrustItem[] {
  return [
    ...(file.permissions?.allow ?? []).map((pattern) =>
      ignored('allow_rule', 'permissions.allow', `${pattern} runs without a question`),
    ),
    ...looseSafety(file.safety, 'safety'),
    ...(file.read_roots ?? [])
      .filter((root) => leavesWorkspace(root))
      .map((root) => holds('outside_path', 'read_roots', `tools may read ${root}`)),
    ...Object.entries(file.providers ?? {}).flatMap(([name, entry]) =>
      endpointItems(memberPath('providers', name), name, entry),
    ),
    ...Object.entries(file.models ?? {}).flatMap(([name, entry]) =>
      endpointItems(memberPath('models', name), entry.provider ?? '', entry),
    ),
    ...Object.entries(file.agents ?? {}).flatMap(([name, entry]) =>
      agentItems(memberPath('agents', name), entry),
    ),
    ...Object.entries(file.mcps ?? {}).flatMap(([name, entry]) =>
      nestedItems(memberPath('mcps', name), entry),
    ),
    ...nestedItems('rag', file.rag),
  ];
}

/** Absolute, in somebody's home, or above the folder that it is meant from. */
export function leavesWorkspace(path: string): boolean {
  if (/^([/\\~]|[A-Za-z]:)/.test(path)) return true;
  let depth = 0;
  for (const part of path.split(/[/\\]/)) {
    if (part === '..') depth -= 1;
    else if (part !== '' && part !== '.') depth += 1;
    if (depth < 0) return true;
  }
  return false;
}

function agentItems(path: string, agent: AgentEntry): TrustItem[] {
  const { toolsets, hooks, commands, instruction, safety, cache, sub_agents, handoffs, skills } = agent;
  return [
    ...looseSafety(safety, `${path}.safety`),
    ...environmentItems(`${path}.instruction`, instruction ?? ''),
    ...environmentItems(`${path}.commands`, canonicalJson(commands ?? null)),
    ...(toolsets ?? []).flatMap((toolset, index) => {
      const here = `${path}.toolsets[${index}]`;
      return [...shellEnvironment(here, toolset), ...nestedItems(here, toolset)];
    }),
    ...Object.entries(hooks ?? {}).flatMap(([event, hook]) => [
      holds('hook', `${path}.hooks.${event}`, `runs ${canonicalJson(hook)}`),
    ]),
    ...(usesLocalSkills(skills)
      ? [ignored('user_skills', `${path}.skills`, 'it is given the skills of your home')]
      : []),
    ...nestedItems(`${path}.cache`, cache),
    ...[...(sub_agents ?? []), ...(handoffs ?? [])]
      .filter((name) => name.includes('/'))
      .map((name) => holds('reference', path, `fetches the agent ${name}`)),
  ];
}

function endpointItems(path: string, provider: string, entry: ModelEntry | ProviderEntry): TrustItem[] {
  // A provider of the team's own behaves like openai, key included, unless it names another.
  const builtIn: BuiltInProvider =
    builtInProvider(entry.provider ?? provider) ?? builtInProvider(provider) ?? PROVIDERS.openai;
  const key = entry.token_key ?? builtIn.token_key;
  const items: TrustItem[] = [];
  if (entry.base_url !== undefined && (key !== undefined || !isLoopback(entry.base_url))) {
    items.push(
      holds(
        'base_url',
        `${path}.base_url`,
        `sends the conversation${key === undefined ? '' : ` and the key ${key}`} to ${entry.base_url}`,
      ),
    );
  }
  if (entry.token_key !== undefined && entry.token_key !== builtIn.token_key) {
    items.push(holds('token_key', `${path}.token_key`, `uses the variable ${entry.token_key} as a key`));
  }
  if (entry.auth !== undefined)
    items.push(holds('auth', `${path}.auth`, `gets a key by ${canonicalJson(entry.auth)}`));
  return items;
}

/** `PATH` and the like decide what even a harmless command line runs, so every variable is shown. */
function shellEnvironment(path: string, toolset: Record<string, unknown>): TrustItem[] {
  const { type, env } = toolset;
  if (type !== 'shell' || env === undefined || Object.keys(env ?? {}).length === 0) return [];
  return [holds('environment', `${path}.env`, `commands get ${canonicalJson(env)}`)];
}

/** What stands anywhere below: commands, paths that lead out, `${env.X}`, marks of trust. */
function nestedItems(path: string, value: unknown, key = ''): TrustItem[] {
  if (typeof value === 'string') return textItems(path, value, key);
  if (Array.isArray(value))
    return value.flatMap((item, index) => nestedItems(`${path}[${index}]`, item, key));
  if (typeof value !== 'object' || value === null) return [];
  const members = Object.entries(value);
  const command = members.find(
    ([name, member]) => (name === 'command' || name === 'cmd') && typeof member === 'string',
  );
  return [
    ...(command === undefined
      ? []
      : [holds('command', `${path}.${command[0]}`, `runs ${canonicalJson(value)}`)]),
    ...(members.some(([name, member]) => name === 'trusted' && member === true)
      ? [ignored('trust_mark', `${path}.trusted`, 'what its server says about its tools is believed')]
      : []),
    ...members.flatMap(([name, member]) => nestedItems(memberPath(path, name), member, name)),
  ];
}

const PATH_KEYS = new Set(['path', 'working_dir', 'database', 'docs', 'file', 'allow_list']);

function textItems(path: string, text: string, key: string): TrustItem[] {
  const outside =
    PATH_KEYS.has(key) && leavesWorkspace(text) ? [holds('outside_path', path, `uses ${text}`)] : [];
  return [...outside, ...environmentItems(path, text)];
}

function environmentItems(path: string, text: string): TrustItem[] {
  return environmentReferences(text).map((name) =>
    holds('environment_reference', path, `puts the variable ${name} into ${path}`),
  );
}

function looseSafety(safety: string | undefined, path: string): TrustItem[] {
  return safety === 'autonomous' ? [ignored('safety', path, 'asks nothing: safety autonomous')] : [];
}

function isLoopback(url: string): boolean {
  const host = URL.canParse(url) ? new URL(url).hostname : '';
  return ['localhost', '127.0.0.1', '[::1]'].includes(host);
}

function holds(kind: string, where: string, text: string): TrustItem {
  return { kind, where, text, blocks: true };
}

function ignored(kind: string, where: string, text: string): TrustItem {
  return { kind, where, text, blocks: false };
}
