import { posix } from 'node:path';
import { safetySchema } from '../protocol/permissions.ts';
import { builtInProvider } from '../protocol/providers.ts';
import type { ResolvedAgent, ResolvedModel, ResolvedTeam } from '../protocol/team.ts';
import { applyOverrides } from './overrides.ts';
import { resolveAgent } from './resolve-agent.ts';
import { referTo, resolveModels, resolveProviders } from './resolve-models.ts';
import type { Resolution } from './resolution.ts';
import { LATEST_VERSION, type TeamFile } from './schema/team.ts';

export interface ResolveOptions {
  file: string;
  /** `[agent=]model`, comma lists allowed. */
  modelOverrides?: readonly string[] | undefined;
  /** What `auto` will be: of a provider that the team declares itself it becomes one of its models. */
  defaultModel?: string | undefined;
  /** What is wrong with a pattern of a permission rule, or undefined. */
  checkPattern?: ((pattern: string) => string | undefined) | undefined;
  explainPattern?: ((pattern: string) => readonly string[]) | undefined;
}

/** Looks up every name of a checked file and fills in the defaults. Problems go into `resolution`; with any, the team is not to be used. */
export function resolveTeam(file: TeamFile, options: ResolveOptions, resolution: Resolution): ResolvedTeam {
  const version = resolveVersion(file, resolution);
  const models = resolveModels(file, resolution);
  const entries = Object.entries(file.agents ?? {});
  if (file.agents !== undefined && entries.length === 0 && resolution.problems.length === 0)
    resolution.fault('agents', 'a team needs at least one agent');
  const agents = entries.map(([name, entry]) =>
    resolveAgent(name, entry, file, models, resolution, options.file),
  );
  applyOverrides(options.modelOverrides ?? [], agents, (reference, problems) =>
    referTo(reference, models, file, '', {
      ...resolution,
      fault: (_, message) => void problems.push(message),
    }),
  );
  referToDefault(options.defaultModel, models, file, resolution);
  noteLaterProviders(file, agents, models, resolution);
  checkPatterns(file, options, resolution);
  const safety = safetySchema.safeParse(file.safety);
  const providers = resolveProviders(file, resolution);
  return {
    name: teamName(options.file),
    version,
    default_agent: agents.find((agent) => agent.name === 'root')?.name ?? agents[0]?.name ?? '',
    agents,
    models: Object.fromEntries(models),
    ...(providers === undefined ? {} : { providers }),
    permissions: {
      allow: file.permissions?.allow ?? [],
      ask: file.permissions?.ask ?? [],
      deny: file.permissions?.deny ?? [],
    },
    read_roots: file.read_roots ?? [],
    ...(safety.success ? { safety: safety.data } : {}),
    ...(file.metadata === undefined ? {} : { metadata: file.metadata }),
    prompt_files: [],
    trusted: false,
  };
}

/** The file's name without its ending; of a URL the last part of its path. */
function teamName(file: string): string {
  const path = URL.parse(file)?.pathname ?? file;
  return posix.basename(path.replaceAll('\\', '/')).replace(/\.ya?ml$/, '');
}

function resolveVersion(file: TeamFile, resolution: Resolution): string {
  const version = String(file.version ?? LATEST_VERSION);
  if (!/^[0-9]$/.test(version)) {
    resolution.fault(
      'version',
      `unknown version "${version}"; the latest is ${LATEST_VERSION}, also when none is named`,
    );
  }
  return version;
}

/** A provider that is not built yet matters only where an agent uses it. */
function noteLaterProviders(
  file: TeamFile,
  agents: readonly ResolvedAgent[],
  models: ReadonlyMap<string, ResolvedModel>,
  resolution: Resolution,
): void {
  const noted = new Set<string>();
  for (const agent of agents) {
    for (const name of agent.models) {
      const feature = builtInProvider(models.get(name)?.provider ?? '')?.later;
      if (feature === undefined || noted.has(name)) continue;
      noted.add(name);
      resolution.later(modelPath(name, agent.name, file, resolution), feature);
    }
  }
}

/** Where a model is named: under `models`, or by the agent. */
export function modelPath(model: string, agent: string, file: TeamFile, resolution: Resolution): string {
  if (Object.hasOwn(file.models ?? {}, model)) return `${resolution.pathOf('models', model)}.provider`;
  return `${resolution.pathOf('agents', agent)}.model`;
}

function checkPatterns(file: TeamFile, options: ResolveOptions, resolution: Resolution): void {
  for (const list of ['allow', 'ask', 'deny'] as const) {
    file.permissions?.[list]?.forEach((pattern, index) => {
      const fault = pattern.trim() === '' ? 'a pattern must name a tool' : options.checkPattern?.(pattern);
      const path = `permissions.${list}[${index}]`;
      if (fault !== undefined) resolution.fault(path, fault);
      else for (const warning of options.explainPattern?.(pattern) ?? []) resolution.warn(path, warning);
    });
  }
}

/** Built-in providers need no entry: the Host knows them. A wrong model is for the Host to refuse, when it is asked for. */
function referToDefault(
  model: string | undefined,
  models: Map<string, ResolvedModel>,
  file: TeamFile,
  resolution: Resolution,
): void {
  const provider = model?.split('/')[0] ?? '';
  if (model === undefined || !models.has('auto') || !Object.hasOwn(file.providers ?? {}, provider)) return;
  referTo(model, models, file, '', { ...resolution, fault: () => {} });
}
