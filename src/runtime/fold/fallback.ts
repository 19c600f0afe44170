import type { EventOf } from '../../protocol/events/events.ts';
import type { ResolvedAgent } from '../../protocol/team.ts';
import type { RunState } from './run-state.ts';
import type { LogState } from './state.ts';

/** Of agent and primary, in `LogState.pins`. */
export function pinKey(agent_name: string, primary: string): string {
  return `${agent_name}\n${primary}`;
}

/** One model failed and the next is to be asked: from here on it is the one that is called, also after a crash. */
export function foldFallback(run: RunState, event: EventOf<'model_fallback'>): void {
  run.failed_models.push(event.failed_model);
  run.primary_model = event.primary_model;
  if (event.failed_model === event.primary_model) run.cooldown_ms = event.cooldown_ms;
  if (run.calling !== undefined) run.calling.model = event.fallback_model;
}

/** Whoever answered in place of a primary that failed for good stands in for it from now on, until its cooldown is over. */
export function pinFallback(state: LogState, run: RunState, timestamp: string): void {
  const { primary_model: primary, cooldown_ms, calling } = run;
  if (primary !== undefined && calling !== undefined) {
    const key = pinKey(run.agent_name, primary);
    if (calling.model === primary) state.pins.delete(key);
    else if (cooldown_ms !== undefined)
      state.pins.set(key, { model: calling.model, until: Date.parse(timestamp) + cooldown_ms });
  }
  forgetFailures(run);
}

/** The turn is over, or another one begins. */
export function forgetFailures(run: RunState): void {
  run.failed_models = [];
  run.primary_model = undefined;
  run.cooldown_ms = undefined;
}

/** Who should have answered the turn that is under way: the primary that this model stands in for, or the model itself. */
export function primaryOf(state: LogState, run: RunState, agent: ResolvedAgent, model: string): string {
  if (run.primary_model !== undefined) return run.primary_model;
  const chosen = state.models.get(agent.name);
  const primaries = chosen === undefined ? agent.models : [chosen];
  if (primaries.includes(model)) return model;
  return primaries.find((primary) => state.pins.get(pinKey(agent.name, primary))?.model === model) ?? model;
}
