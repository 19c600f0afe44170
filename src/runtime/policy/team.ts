import { isAbsolute, join, resolve } from 'node:path';
import type { Policy } from '../../protocol/policy.ts';
import type { NeedsTrust, ResolvedModel, ResolvedTeam, TeamSource } from '../../protocol/team.ts';
import { readFolder } from './folders.ts';
import { forbid } from './forbid.ts';
import { matchesAny, withinAny } from './patterns.ts';

export interface TeamAsked {
  team: ResolvedTeam;
  source: TeamSource;
  /** Absolute; where relative paths are meant from. */
  working_dir: string;
  /** For `~`. */
  home: string | undefined;
  needsTrust?: NeedsTrust | undefined;
}

/**
 * The resolved team against the policy, before any effect. The models of its agents are judged in every team; what else a team brings, in those of clients alone: what
 * the server serves is its operator's own. Throws `forbidden`, and `path_escape` for a read root that leads out.
 */
export async function checkTeam(policy: Policy, asked: TeamAsked): Promise<void> {
  const { team, source } = asked;
  for (const model of usedModels(team)) checkModel(policy, model);
  if (source.kind === 'served' || source.kind === 'builtin') return;
  for (const model of [...Object.values(team.models), ...Object.values(team.providers ?? {})])
    if (model.base_url !== undefined) checkGateway(policy, model.base_url, 'requests to models at');
  checkPrograms(policy, asked);
  for (const root of team.read_roots)
    await readFolder(policy, { path: absolute(root, asked), name: "the team's read root" });
}

/** Throws `forbidden` for a model that no pattern names. `auto` is judged when it is known what it is. */
export function checkModel(
  policy: Pick<Policy, 'where' | 'models'>,
  { provider, model, auto }: ResolvedModel,
): void {
  if (auto === true || matchesAny(policy.models, `${provider}/${model}`)) return;
  throw forbid(policy, {
    key: 'models',
    asked: `the model ${provider}/${model}`,
    allowed: policy.models,
  });
}

/** An address that requests to models would go to. */
export function checkGateway(policy: Policy, address: string, what: string): void {
  if (withinAny(policy.gateways, address)) return;
  const url = URL.parse(address);
  // Never with its password.
  const shown = url === null ? 'an address that is none' : `${url.origin}${url.pathname}`;
  throw forbid(policy, { key: 'gateways', asked: `${what} ${shown}`, allowed: policy.gateways });
}

/** Those that agents name; one that is named later is judged then. */
function usedModels(team: ResolvedTeam): ResolvedModel[] {
  const names = team.agents.flatMap(({ models, fallback }) => [...models, ...(fallback?.models ?? [])]);
  return [...new Set(names)].flatMap((name) => team.models[name] ?? []);
}

/** The kinds of trust items that are hooks, and where those of MCP servers stand. */
function checkPrograms(policy: Policy, { team, needsTrust }: TeamAsked): void {
  const hook = needsTrust?.items.find(({ kind }) => kind === 'hook');
  if (hook !== undefined && !policy.hooks)
    throw forbid(policy, {
      key: 'hooks',
      asked: `the hook ${hook.where}`,
      allowed: ['a team without hooks'],
    });
  if (policy.stdio_mcp) return;
  const shared = needsTrust?.items.find(
    ({ kind, where }) => kind === 'command' && where.startsWith('mcps.'),
  )?.where;
  const own = team.agents.flatMap(({ name, toolsets }) =>
    toolsets
      .filter(({ type, options }) => STDIO.has(type) && options['command'] !== undefined)
      .map(({ type }) => `agents.${name}.toolsets (${type})`),
  );
  const [place] = shared === undefined ? own : [shared];
  if (place === undefined) return;
  throw forbid(policy, {
    key: 'stdio_mcp',
    asked: `the program of ${place}`,
    allowed: ['MCP servers at an address'],
  });
}

const STDIO: ReadonlySet<string> = new Set(['mcp', 'lsp']);

function absolute(root: string, { working_dir, home }: TeamAsked): string {
  if (root === '~' || root.startsWith('~/')) return join(home ?? '/', root.slice(1));
  return isAbsolute(root) ? root : resolve(working_dir, root);
}
