import type { PermissionRules, Safety } from '../protocol/permissions.ts';
import type { HooksConfig } from '../protocol/contract/hooks.ts';
import { readConfigText } from './read-config-text.ts';
import { readShape } from './read-shape.ts';
import type { Place, Shape } from './shape.ts';
import { fullRules } from './user-config.ts';
import { HOOKS_SHAPE, modelProblem, RULES_SHAPE, SAFETY_SHAPE } from './user-shape.ts';

/** What a project's configuration is called, in the order in which it is looked for. */
export const PROJECT_CONFIG_NAMES: readonly string[] = ['yonder.config.yaml', 'yonder.config.yml'];

/** A project's configuration: somebody else may have written it, so it makes things tighter and names what its team could name (R8). */
export interface ProjectConfig {
  readonly file: string;
  readonly places: ReadonlyMap<string, Place>;
  readonly permissions: PermissionRules;
  readonly safety?: Safety;
  readonly default_model?: string;
  /** They run only after a person's yes. */
  readonly hooks?: HooksConfig;
}

const OWN = 'a project may not say that; it belongs in your own configuration (yonder config path)';

export const PROJECT_SHAPE: Shape = {
  kind: 'keys',
  keys: {
    permissions: RULES_SHAPE,
    safety: SAFETY_SHAPE,
    default_model: { kind: 'text', check: modelProblem },
    hooks: HOOKS_SHAPE,
  },
  hints: {
    models_gateway: OWN,
    credential_helper: OWN,
    aliases: OWN,
    pass_env: OWN,
    folders: OWN,
    settings: `permissions stand at the top of this file; for all else of settings: ${OWN}`,
    agent: 'the agent that begins is the first of the team file',
  },
};

/** Reads one that was found. Throws `invalid_request` with `file:line:column` for each fault. */
export async function readProjectConfig(file: string): Promise<ProjectConfig> {
  const { value, places } = readShape(file, await readConfigText(file), PROJECT_SHAPE);
  const written: Partial<ProjectConfig> = value;
  return { ...written, file, places, permissions: fullRules(written.permissions) };
}
