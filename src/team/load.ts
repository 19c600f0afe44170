import { UnsupportedError, YonderError } from '../protocol/errors.ts';
import { builtInProvider } from '../protocol/providers.ts';
import type { NeedsTrust, ResolvedTeam, TeamSource, TeamWarning, UnsupportedItem } from '../protocol/team.ts';
import { withoutTrust } from './apply-trust.ts';
import { builtInTeamText } from './built-in.ts';
import { checkDocument } from './check.ts';
import { teamDigest, trustDigest } from './digest.ts';
import { parseTeamDocument } from './document.ts';
import { expandInstructions, warnUnexpanded, type EnvironmentLookup } from './expand.ts';
import { invalidTeam } from './problem.ts';
import { modelPath, resolveTeam } from './resolve.ts';
import { startResolution, type Resolution } from './resolution.ts';
import { teamRecord, type TeamFile } from './schema/team.ts';
import { trustItems } from './trust-items.ts';
import { upgradeDocument } from './upgrade/upgrade.ts';

export interface LoadTeamOptions {
  /** `[agent=]model` with comma lists; a wrong one is `invalid_request`. */
  modelOverrides?: readonly string[] | undefined;
  /** What `auto` will be; of a provider that the team declares itself it becomes one of its models. */
  defaultModel?: string | undefined;
  /** The yes to `needsTrust.digest`. */
  trustDigest?: string | undefined;
  /** Reads the Host's environment, for `${env.X}` of a trusted team and for warnings of missing keys. Without it neither happens. */
  env?: EnvironmentLookup | undefined;
  /** Models are played from a cassette: a key that is not set is no warning. */
  keyless?: boolean | undefined;
  /** Whether the key of a variable that is not set is kept elsewhere; then nothing warns of it. */
  hasKey?: (variable: string) => boolean;
  /** What is wrong with a pattern of a permission rule, or undefined. */
  checkPattern?: ((pattern: string) => string | undefined) | undefined;
  /** What a person should know of a pattern that can be read, e.g. that `ls*` matches more than `ls`. */
  explainPattern?: ((pattern: string) => readonly string[]) | undefined;
}

export interface LoadedTeam {
  team: ResolvedTeam;
  digest: string;
  agentNames: string[];
  defaultAgent: string;
  trusted: boolean;
  /** What a yes would be to; empty for a built-in. */
  needsTrust: NeedsTrust;
  warnings: TeamWarning[];
  /** What this release does not do; a run of the team is refused. */
  unsupported: UnsupportedItem[];
  /** Variables of `${env.X}` that are not set; a run of the team is refused. */
  missingEnvironment: string[];
  /** Names of the files that agents want from the workspace, each once. */
  promptFiles: string[];
}

/**
 * Reads, checks and resolves a team, without a file, a network or any other effect. Throws `invalid_team` with all problems at once, `invalid_request` for
 * a wrong override, `not_found` for an unknown built-in, and `unsupported` or `forbidden` for the sources that others turn into inline ones.
 */
export function loadTeam(source: TeamSource, options: LoadTeamOptions = {}): LoadedTeam {
  const { file, text } = teamText(source);
  const { read, problems } = parseTeamDocument(file, text);
  const upgraded = upgradeDocument(read);
  const checked = checkDocument(read, teamRecord, upgraded.version);
  const resolution = startResolution(checked);
  resolution.problems.push(...problems, ...upgraded.problems);
  resolution.warnings.push(...upgraded.warnings);
  // The walk handed on nothing that does not fit the table, so its value has the table's type.
  const content = (checked.value ?? {}) as TeamFile;
  const resolved = resolveTeam(content, { ...options, file }, resolution);
  if (resolution.problems.length > 0) throw invalidTeam(resolution.problems);

  const items = source.kind === 'builtin' ? [] : trustItems(content);
  const needsTrust: NeedsTrust = { digest: trustDigest(items), items };
  const trusted = source.kind === 'builtin' || options.trustDigest === needsTrust.digest;
  const whole = { ...resolved, ...broughtFiles(source, resolved), ...broughtSkills(source, resolved) };
  const counted = trusted ? { ...whole, trusted } : withoutTrust(whole, resolution);
  warnUnexpanded(counted, resolution);
  const expanded =
    options.env === undefined || !trusted
      ? { team: counted, missing: [] }
      : expandInstructions(counted, options.env, resolution);
  if (options.env !== undefined && options.keyless !== true)
    warnMissingKeys(expanded.team, content, { env: options.env, hasKey: options.hasKey }, resolution);
  warnUnsupported(resolution);
  return {
    team: expanded.team,
    digest: teamDigest(expanded.team),
    agentNames: expanded.team.agents.map((agent) => agent.name),
    defaultAgent: expanded.team.default_agent,
    trusted,
    needsTrust,
    warnings: resolution.warnings.toSorted((left, right) => left.where.line - right.where.line),
    unsupported: resolution.unsupported,
    missingEnvironment: expanded.missing,
    promptFiles: [...new Set(expanded.team.agents.flatMap((agent) => agent.add_prompt_files))],
  };
}

/** The files of an inline source that its agents name; what nobody names is left behind. */
function broughtFiles(source: TeamSource, team: ResolvedTeam): Pick<ResolvedTeam, 'named_files'> {
  if (source.kind !== 'inline') return {};
  const names = new Set(team.agents.flatMap((agent) => agent.add_prompt_files));
  const brought = Object.entries(source.files).filter(([name]) => name !== source.entry && names.has(name));
  return brought.length === 0 ? {} : { named_files: Object.fromEntries(brought) };
}

/** Files of an inline source below the folders of skills that its agents name. */
function broughtSkills(source: TeamSource, team: ResolvedTeam): Pick<ResolvedTeam, 'skill_files'> {
  if (source.kind !== 'inline') return {};
  const folders = team.agents.flatMap(({ skills }) => skills?.folders ?? []);
  const isOfSkill = (name: string): boolean =>
    folders.some((folder) => folder === '.' || name.startsWith(`${folder}/`));
  const brought = Object.entries(source.files).filter(
    ([name]) => name !== source.entry && isOfSkill(name) && !name.split('/').includes('..'),
  );
  return brought.length === 0 ? {} : { skill_files: Object.fromEntries(brought) };
}

function teamText(source: TeamSource): { file: string; text: string } {
  switch (source.kind) {
    case 'builtin':
      return { file: source.name, text: builtInTeamText(source.name) };
    case 'inline': {
      if (/\.hcl$/i.test(source.entry))
        throw new UnsupportedError('a team file in HCL', 'yet; write it as YAML');
      const text = Object.hasOwn(source.files, source.entry) ? source.files[source.entry] : undefined;
      if (text !== undefined) return { file: source.entry, text };
      throw new YonderError(
        'invalid_request',
        `the source names the entry "${source.entry}" and brings no such file`,
      );
    }
    case 'path':
      throw new YonderError('forbidden', `no policy lets a team be loaded by its path here: ${source.path}`);
    case 'url':
      throw new YonderError(
        'invalid_request',
        `a team by URL is fetched before it is loaded, and ${source.url} was not`,
      );
    case 'served':
      throw new UnsupportedError('a team source of kind "served"', 'where no teams are served');
  }
}

function warnMissingKeys(
  team: ResolvedTeam,
  file: TeamFile,
  keys: { env: EnvironmentLookup; hasKey: LoadTeamOptions['hasKey'] },
  resolution: Resolution,
): void {
  const noted = new Set<string>();
  for (const agent of team.agents) {
    for (const name of agent.models) {
      const model = team.models[name];
      const variable = model?.token_key ?? builtInProvider(model?.provider ?? '')?.token_key;
      if (variable === undefined || noted.has(name) || (keys.env(variable) ?? '') !== '') continue;
      if (keys.hasKey?.(variable) === true) continue;
      noted.add(name);
      resolution.warn(
        modelPath(name, agent.name, file, resolution),
        `the model ${name} needs a key in ${variable}, which is not set`,
      );
    }
  }
}

function warnUnsupported(resolution: Resolution): void {
  for (const { key, feature, where } of resolution.unsupported) {
    resolution.warnings.push({
      where,
      message: `${key}: ${feature} is not supported yet; a run of this team is refused`,
    });
  }
}

/**
 * What keeps a loaded team from running, thrown before any effect: `unsupported` with key and line, `untrusted_team` with the list that a yes is asked for,
 * `env_missing`.
 */
export function assertRunnable(loaded: LoadedTeam): void {
  const [first] = loaded.unsupported;
  if (first !== undefined) {
    const keys = loaded.unsupported.map(
      ({ key, feature, where }) => `${where.file}:${where.line}:${where.column}: ${key} (${feature})`,
    );
    throw new UnsupportedError(first.feature, `yet: ${keys.join('; ')}`, {
      details: { items: loaded.unsupported },
    });
  }
  const held = loaded.trusted ? [] : loaded.needsTrust.items.filter((item) => item.blocks);
  if (held.length > 0) {
    const list = held.map((item) => `${item.where}: ${item.text}`).join('; ');
    throw new YonderError(
      'untrusted_team',
      `this team is not trusted, and it would do this before anybody is asked: ${list}; read it, then say --trust`,
      {
        details: { needs_trust: loaded.needsTrust },
      },
    );
  }
  if (loaded.missingEnvironment.length > 0) {
    throw new YonderError(
      'env_missing',
      `the team's instructions need ${loaded.missingEnvironment.join(', ')}, which is not set`,
      {
        details: { names: loaded.missingEnvironment },
      },
    );
  }
}
