import {
  BUILT_IN_TEAM_NAMES,
  fetchTeam,
  loadTeam,
  readTeamSource,
  teamDigest,
  type FetchedTeam,
  type LoadedTeam,
  type LoadTeamOptions,
} from '../../../team/index.ts';
import type { LoadTeamRequest } from '../../../protocol/contract/payloads.ts';
import type { RequestContext } from '../../../protocol/context.ts';
import { LIMITS, OPERATIONS, CONTRACT, PROTOCOL_VERSION } from '../../../protocol/contract/contract.ts';
import { YonderError } from '../../../protocol/errors.ts';
import type { PromptFile, ResolvedTeam, TeamSource } from '../../../protocol/team.ts';
import { buildToolsets, BUILTIN_TOOLSETS } from '../../../tools/index.ts';
import { keyName, PROVIDER_KEYS } from '../../../model/keys.ts';
import { patternProblem } from '../pattern-problem.ts';
import { readingEnv } from '../../redact/sources.ts';
import { explainPattern } from '../../decisions/patterns.ts';
import { isSecretPath } from '../../decisions/secrets.ts';
import { uploadLimit } from '../../policy/gate.ts';
import { checkPlace, DEFAULT_SOURCE } from '../../policy/open-session.ts';
import { checkConfig, warningsOf } from '../../policy/request.ts';
import { checkAddress, checkSource, isNamed } from '../../policy/sources.ts';
import { teamPath } from '../../policy/folders.ts';
import { honoursTrust, trustWarnings } from '../../policy/trust.ts';
import type { Host } from '../host.ts';
import { keyLookup } from '../key-lookup.ts';
import { servedTeam, withServed } from '../serving.ts';
import type { Handlers } from './handlers.ts';
import { checkUploads } from './uploads.ts';

/** A team that was loaded for a request, and where from. */
export type RequestedTeam = LoadedTeam & { source: TeamSource };

/** Loads the team that a request names; built-in `default` where it names none. Throws `forbidden` where the caller's policy does not let it be from there. */
export async function loadRequested(
  host: Host,
  context: RequestContext,
  request: Pick<LoadTeamRequest, 'source' | 'trust' | 'model_overrides' | 'prompt_files' | 'runtime_config'>,
): Promise<RequestedTeam> {
  const asked = await checkSource(context.policy, request.source ?? DEFAULT_SOURCE);
  const { source, warnings, trust_digest } = await textOf(host, context, asked);
  const env = request.runtime_config?.env ?? {};
  const referred = readingEnv(host.secrets, host.options.env);
  const overrides = [...(request.model_overrides ?? [])];
  const options: LoadTeamOptions = {
    modelOverrides: overrides,
    defaultModel: request.runtime_config?.default_model,
    trustDigest: trust_digest ?? (honoursTrust(context) ? request.trust?.digest : undefined),
    env: (name) => env[name] ?? referred(name),
    keyless:
      request.runtime_config?.cassette?.mode === 'replay' ||
      request.runtime_config?.models_gateway !== undefined,
    checkPattern: patternProblem,
    explainPattern: (pattern) => explainPattern(pattern).warnings,
  };
  const read = await loadWithKeys(host, source, options);
  const refused = trustWarnings(context, request, read);
  const loaded = { ...read, source: asked, warnings: [...warnings, ...read.warnings, ...refused] };
  const team = await withPromptFiles(host, loaded.team, request.prompt_files ?? []);
  return team === loaded.team ? loaded : { ...loaded, team, digest: teamDigest(team) };
}

/** Loads it again where keys of its models were found elsewhere, so that nothing warns of them. */
async function loadWithKeys(host: Host, source: TeamSource, options: LoadTeamOptions): Promise<LoadedTeam> {
  const { keys } = host.options;
  const read = loadTeam(source, options);
  if (keys === undefined || options.keyless === true) return read;
  // A team that nobody trusts yet must not choose what a helper is asked for.
  const asked = Object.values(read.team.models).flatMap((model) => keyName(model) ?? []);
  const names = asked.filter((name) => read.trusted || PROVIDER_KEYS.includes(name));
  await keys.resolve(names.filter((name) => (options.env?.(name) ?? '').trim() === ''));
  if (!names.some((name) => keys.value(name) !== undefined)) return read;
  return loadTeam(source, { ...options, hasKey: (name) => keys.value(name) !== undefined });
}

/** A team by URL is fetched by the Host, each time that it is loaded (R17). */
async function textOf(
  host: Host,
  { policy, signal }: RequestContext,
  source: TeamSource,
): Promise<{ source: TeamSource; warnings: FetchedTeam['warnings']; trust_digest?: string | undefined }> {
  if (source.kind === 'served') return { ...servedTeam(host.options.serving, source.name), warnings: [] };
  if (source.kind === 'path' && policy !== undefined) {
    const read = await readTeamSource(source.path, isSecretPath);
    // The file of a folder may be a link.
    await teamPath(policy, read.entry);
    return { source: read, warnings: [] };
  }
  if (source.kind !== 'url') return { source, warnings: [] };
  const { cache_dir, now } = host.options;
  const egress: typeof host.options.egress =
    policy === undefined
      ? host.options.egress
      : (asked) => host.options.egress({ ...asked, check: (url) => checkAddress(policy, url.href) });
  return fetchTeam(source.url, { egress, cacheFolder: cache_dir, now, signal });
}

/** The team with what was uploaded for it in front of every agent. The same team where nothing was. */
export async function withPromptFiles(
  host: Host,
  team: ResolvedTeam,
  wanted: readonly { name: string; upload_id: string }[],
): Promise<ResolvedTeam> {
  const prompt_files: PromptFile[] = [];
  for (const { name, upload_id } of wanted) {
    const upload = await host.store.upload(upload_id);
    if (upload === undefined)
      throw new YonderError('not_found', `prompt_files: there is no upload ${upload_id} for ${name}`);
    prompt_files.push({ name, text: promptText(name, upload.bytes) });
  }
  return prompt_files.length === 0 ? team : { ...team, prompt_files };
}

function promptText(name: string, bytes: Uint8Array): string {
  const limit = LIMITS.prompt_file_bytes;
  if (bytes.byteLength > limit) {
    const message = `the prompt file ${name} has ${bytes.byteLength} bytes; one has at most ${limit}`;
    throw new YonderError('payload_too_large', message);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new YonderError('invalid_request', `the prompt file ${name} is no UTF-8 text`, { cause });
  }
}

const BUILTIN_TYPES: ReadonlySet<string> = new Set(BUILTIN_TOOLSETS);

export const teamHandlers: Handlers<'capabilities' | 'team/list' | 'team/load'> = {
  async capabilities(host, context) {
    return {
      protocol: PROTOCOL_VERSION,
      server: `yonder/${host.options.version}`,
      features: OPERATIONS.filter((name) => CONTRACT[name].built),
      scopes: [...context.scopes],
      limits: { ...LIMITS, upload_bytes: uploadLimit(context) },
    };
  },

  async 'team/list'(host, { policy }) {
    const served = host.options.serving?.teams ?? [];
    if (served.length > 0) {
      const shown = served.filter(({ name }) => isNamed(policy?.sources.served ?? true, name));
      const teams = shown.map(({ name, description, agents, trust_digest }) => ({
        name,
        description,
        agents: [...agents],
        trusted: trust_digest !== undefined,
      }));
      return { teams };
    }
    const names = BUILT_IN_TEAM_NAMES.filter((name) => isNamed(policy?.sources.builtin ?? true, name));
    const teams = names.map((name) => {
      const { team, agentNames } = loadTeam({ kind: 'builtin', name });
      const lead = team.agents.find((agent) => agent.name === team.default_agent);
      return { name, description: lead?.description ?? '', agents: agentNames, trusted: true };
    });
    return { teams };
  },

  async 'team/load'(host, context, asked) {
    if (context.policy !== undefined) checkConfig(context.policy, asked.runtime_config);
    await checkUploads(host, context, asked);
    const request = withServed(host.options.serving, asked);
    const loaded = await loadRequested(host, context, request);
    const { team } = loaded;
    if (context.policy !== undefined)
      await checkPlace(context.policy, {
        settings: { ...request, source: loaded.source },
        team,
        needsTrust: loaded.needsTrust,
        working_dir: context.policy.folders.default,
        home: host.options.env('HOME'),
      });
    const models = host.options.models({
      ...keyLookup(host.options),
      cassette: undefined,
      gateway: request.runtime_config?.models_gateway,
    });
    const toolsets = team.agents.flatMap((agent) => {
      const sub_agents = team.agents.filter((other) => agent.sub_agents.includes(other.name));
      // Those that are not built yet stand in `unsupported`, and a run of the team is refused.
      const built = agent.toolsets.filter(({ type }) => type === 'mcp' || BUILTIN_TYPES.has(type));
      const handoffs = team.agents.filter((other) => agent.handoffs.includes(other.name));
      return buildToolsets({ toolsets: built, sub_agents, handoffs }).map((toolset) => ({
        agent: agent.name,
        type: toolset.type,
        name: toolset.name,
        tools: toolset.tools.map((tool) => tool.definition.name),
      }));
    });
    return {
      team_digest: loaded.digest,
      trusted: loaded.trusted,
      agent_names: loaded.agentNames,
      default_agent: loaded.defaultAgent,
      agents: team.agents.map((agent) => ({
        name: agent.name,
        description: agent.description,
        model: agent.models.join(','),
        sub_agents: agent.sub_agents,
        handoffs: agent.handoffs,
        tools: toolsets.filter((toolset) => toolset.agent === agent.name).flatMap((toolset) => toolset.tools),
      })),
      models: Object.values(team.models).map((model) => ({
        name: model.name,
        provider: model.provider,
        model: model.model,
        key_present: models.missingKey(model) === undefined,
      })),
      toolsets,
      warnings: [...loaded.warnings, ...warningsOf(context.policy, {}, team)],
      unsupported: loaded.unsupported.map(({ key, feature, where }) => ({ key, feature, where })),
      ...(loaded.needsTrust.items.length === 0 && loaded.trusted ? {} : { needs_trust: loaded.needsTrust }),
    };
  },
};
