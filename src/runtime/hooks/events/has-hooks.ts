import type { HooksConfig } from '../../../protocol/contract/hooks.ts';
import type { LoopContext } from '../../loop/context.ts';

/** Whether the session has any hook at all: most have none, and pay nothing for those of others. */
export function hasHooks({ log, settings, team }: Pick<LoopContext, 'log' | 'settings' | 'team'>): boolean {
  const layers = [
    log.state.bounds.hooks,
    settings.runtime_config?.hooks,
    settings.user_hooks,
    settings.project_hooks,
  ];
  return (
    layers.some(isSome) || team.agents.some((agent) => agent.redact_secrets === true || isSome(agent.hooks))
  );
}

function isSome(hooks: HooksConfig | undefined): boolean {
  return hooks !== undefined && Object.keys(hooks).length > 0;
}
