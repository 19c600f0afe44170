import { dirname, resolve } from 'node:path';
import { PROJECT_CONFIG_NAMES, type ProjectConfig, readProjectConfig } from '../../config/project-config.ts';
import { sha256 } from '../../process/digest.ts';
import type { HooksConfig } from '../../protocol/contract/hooks.ts';
import { canonicalJson } from '../../protocol/canonical-json.ts';
import type { PermissionRules } from '../../protocol/permissions.ts';
import type { NeedsTrust } from '../../protocol/team.ts';
import { findInProject } from '../../team/index.ts';
import type { ChosenTeam } from '../team-argument.ts';
import type { Io } from '../terminal/io.ts';
import { trustFor, type TrustQuestion } from './trust.ts';

/** The project's configuration of a run: none, one, or two where the team comes from somewhere else. */
export interface FoundProject {
  /** The one beside the team first. */
  configs: ProjectConfig[];
  permissions: PermissionRules;
  /** All that may run: those beside the team first. */
  hooks: HooksConfig | undefined;
  /** A person agreed to the allow rules and hooks of all of them. */
  trusted: boolean;
}

/** What is beside the team's file, and what the working folder's project has; nothing of it is trusted yet. */
export async function findProject({
  team,
  workingDir,
  io,
  hooks = true,
}: {
  team: ChosenTeam | undefined;
  workingDir: string;
  io: Io;
  /** False: those of the files are left out. */
  hooks?: boolean;
}): Promise<FoundProject> {
  const beside = team?.source.kind === 'inline' ? dirname(resolve(io.cwd, team.source.entry)) : undefined;
  const found = [
    // A folder that is no project's root ends the search where it began.
    beside === undefined ? undefined : await findInProject(beside, beside, PROJECT_CONFIG_NAMES),
    await findInProject(workingDir, io.home, PROJECT_CONFIG_NAMES),
  ];
  const files = [...new Set(found.flatMap((file) => file ?? []))];
  const read = await Promise.all(files.map((file) => readProjectConfig(file)));
  const configs = hooks ? read : read.map(({ hooks: _left, ...config }) => config);
  return { configs, permissions: rulesOf(configs), hooks: hooksOf(configs), trusted: false };
}

function rulesOf(configs: readonly ProjectConfig[]): PermissionRules {
  const all = (kind: keyof PermissionRules): string[] => [
    ...new Set(configs.flatMap(({ permissions }) => permissions[kind])),
  ];
  return { allow: all('allow'), ask: all('ask'), deny: all('deny') };
}

function hooksOf(configs: readonly ProjectConfig[]): HooksConfig | undefined {
  const entries = configs.flatMap(({ hooks }) => Object.entries(hooks ?? {}));
  if (entries.length === 0) return undefined;
  const joined: Record<string, unknown[]> = {};
  for (const [event, hooks] of entries) joined[event] = [...(joined[event] ?? []), ...(hooks ?? [])];
  return joined;
}

/** The same with the person's yes, where its allow rules need one: `--trust`, a yes that was kept, or an answer now (R8). */
export async function withTrust(
  project: FoundProject,
  question: Omit<TrustQuestion, 'team' | 'what'>,
): Promise<FoundProject> {
  const asking = project.configs.filter(
    ({ permissions, hooks }) => permissions.allow.length > 0 || hooks !== undefined,
  );
  if (asking.length === 0) return project;
  let trusted = true;
  for (const config of asking) {
    const items = itemsOf(config);
    const yes = await trustFor(
      { digest: trustDigest(config), items },
      {
        ...question,
        what: 'project configuration',
        orElse: 'or leave its hooks out: --no-config-hooks',
        team: { named: false, shown: config.file, source: { kind: 'inline', entry: config.file, files: {} } },
      },
    );
    if (yes !== undefined) continue;
    trusted = false;
    question.output.note(
      `warning: ${config.file}: its allow rules do not count: nobody has trusted it (--trust)`,
    );
  }
  return { ...project, trusted };
}

/** A yes that was kept before there were hooks counts for the same allow rules. */
function trustDigest({ permissions, hooks }: ProjectConfig): string {
  return sha256(canonicalJson(hooks === undefined ? permissions.allow : { allow: permissions.allow, hooks }));
}

function itemsOf({ permissions, hooks }: ProjectConfig): NeedsTrust['items'] {
  return [
    ...permissions.allow.map((rule, index) => ({
      where: `permissions.allow[${index}]`,
      kind: 'allow',
      text: `runs without a question: ${rule}`,
      blocks: false,
    })),
    ...Object.entries(hooks ?? {}).flatMap(([event, entries]) =>
      entries.map((entry, index) => ({
        where: `hooks.${event}[${index}]`,
        kind: 'hook',
        text: `runs ${canonicalJson(entry)}`,
        blocks: true,
      })),
    ),
  ];
}
