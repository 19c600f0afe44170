import type { AcceptedSession, LoadTeamRequest } from '../../protocol/contract/payloads.ts';
import { type Safety, stricterSafety } from '../../protocol/permissions.ts';
import type { Policy } from '../../protocol/policy.ts';
import type { TeamWarning } from '../../protocol/team.ts';
import { readFolder, workFolder } from './folders.ts';
import { forbid } from './forbid.ts';
import { matchesAny } from './patterns.ts';
import { checkAcceptEdits, checkAllowRules, rulesTooFar } from './rules.ts';
import { checkGateway } from './team.ts';

/** The modes that a ceiling leaves, the loosest first. */
function modesUnder(ceiling: Safety): Safety[] {
  const all: Safety[] = ['autonomous', 'balanced', 'strict', 'restricted'];
  return all.filter((mode) => stricterSafety(mode, ceiling) === mode);
}

/** Throws `forbidden` for a mode that is looser than the policy's (R8). */
export function checkSafety(policy: Policy, safety: Safety | undefined): void {
  if (safety === undefined || stricterSafety(safety, policy.safety) === safety) return;
  throw forbid(policy, {
    key: 'safety',
    asked: `the mode ${safety}`,
    allowed: modesUnder(policy.safety),
  });
}

/** 0 is without a limit, and so beyond each. */
export function checkIterations(policy: Policy, asked: number | undefined): void {
  const most = policy.budget.max_iterations;
  if (asked === undefined || most === undefined || (asked > 0 && asked <= most)) return;
  throw forbid(policy, {
    key: 'budget.max_iterations',
    asked: asked === 0 ? 'a run without a limit of model calls' : `a run of ${asked} model calls`,
    allowed: [`at most ${most}`],
  });
}

/** What a request to load a team says beside the team. */
export function checkConfig(
  policy: Policy,
  config: NonNullable<LoadTeamRequest['runtime_config']> | undefined,
): void {
  if (config === undefined) return;
  if (config.models_gateway !== undefined) checkGateway(policy, config.models_gateway, 'the models gateway');
  if (Object.keys(config.hooks ?? {}).length > 0 && !policy.hooks)
    throw forbid(policy, { key: 'hooks', asked: 'hooks of the client', allowed: ['a run without hooks'] });
  const names = [...Object.keys(config.env ?? {}), ...(config.pass_env ?? [])];
  const refused = names.find((name) => !matchesAny(policy.env, name));
  if (refused !== undefined)
    throw forbid(policy, { key: 'env', asked: `the variable ${refused}`, allowed: policy.env });
  if (config.accept_edits === true) checkAcceptEdits(policy);
}

/** What a request to create or resume a session says, the team and the folders apart. */
export function checkSession(policy: Policy, request: AcceptedSession): void {
  checkConfig(policy, request.runtime_config);
  const configured = { ...request.user_hooks, ...request.project_hooks };
  if (Object.keys(configured).length > 0 && !policy.hooks)
    throw forbid(policy, {
      key: 'hooks',
      asked: 'hooks of a configuration file',
      allowed: ['a run without them (--no-config-hooks)'],
    });
  checkSafety(policy, request.safety ?? (request.tools_approved ? 'autonomous' : undefined));
  checkAllowRules(policy, request.permissions);
  checkIterations(policy, request.max_iterations);
  for (const key of ['max_cost', 'max_tokens'] as const) {
    const asked = request.budget?.[key];
    const most = policy.budget[key];
    if (asked === undefined || most === undefined || asked <= most) continue;
    throw forbid(policy, {
      key: `budget.${key}`,
      asked: `a budget of ${asked} (${key})`,
      allowed: [`at most ${most}`],
    });
  }
}

/** The folders of a session, links followed. Throws `forbidden` or `path_escape`; what is not there is not looked at. */
export async function checkFolders(
  policy: Policy,
  {
    working_dir,
    add_dirs = [],
    read_dirs = [],
  }: { working_dir: string; add_dirs?: string[]; read_dirs?: string[] },
): Promise<{ working_dir: string }> {
  for (const path of add_dirs) await workFolder(policy, { path, name: 'the folder of --add-dir' });
  for (const path of read_dirs) await readFolder(policy, { path, name: 'the folder of --read-dir' });
  return { working_dir: await workFolder(policy, { path: working_dir, name: 'the working directory' }) };
}

/** What counts less here than the client may think, without being refused: said when a session begins. */
export function warningsOf(
  policy: Policy | undefined,
  request: Partial<AcceptedSession>,
  team: { safety?: Safety | undefined; agents: readonly { safety?: Safety | undefined }[] },
): TeamWarning[] {
  if (policy === undefined) return [];
  const warnings: string[] = [];
  for (const layer of ['user_permissions', 'project_permissions'] as const) {
    const rules = rulesTooFar(policy, request[layer]);
    if (rules.length > 0)
      warnings.push(
        `${policy.where} (client_allow) does not let these allow rules of ${layer} count beyond it: ${rules.join(', ')}`,
      );
  }
  const modes = [team.safety, ...team.agents.map(({ safety }) => safety)];
  const loose = modes.find((mode) => mode !== undefined && stricterSafety(mode, policy.safety) !== mode);
  if (loose !== undefined && request.safety === undefined)
    warnings.push(
      `${policy.where} (safety) lets the team's mode ${loose} be ${policy.safety} at the loosest`,
    );
  return warnings.map((message) => ({ where: { file: 'policy', line: 1, column: 1 }, message }));
}
