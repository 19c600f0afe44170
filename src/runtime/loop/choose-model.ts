import type { ResolvedAgent } from '../../protocol/team.ts';
import { pinKey, primaryOf } from '../fold/fallback.ts';
import type { RunState } from '../fold/run-state.ts';
import type { LogState } from '../fold/state.ts';
import type { LoopContext } from './context.ts';

/** Which model is asked now, and which one should be. Names of the team. */
export interface Choice {
  /** Drawn for this turn, or set for the session. */
  primary: string;
  /** The one to ask: a fallback while it stands in for the primary. */
  model: string;
}

/**
 * The model of a turn that begins. Several models are an alloy, drawn anew each turn; a model set for the session wins. One that failed
 * for good is left alone for its cooldown, by the log's clock, and the fallback that answered is asked at once (reference 7.7).
 */
export function chooseModel(context: LoopContext, agent: ResolvedAgent, drawn = true): Choice {
  const { state } = context.log;
  const chosen = state.models.get(agent.name);
  const index = drawn ? Math.floor(context.random() * agent.models.length) : 0;
  const primary = chosen ?? agent.models[index] ?? agent.models[0] ?? 'auto';
  return { primary, model: standIn(state, agent, primary, context.now()) ?? primary };
}

/** The same for a turn that is under way: what is called stands in the log. */
export function choiceOf(context: LoopContext, run: RunState, agent: ResolvedAgent): Choice {
  const model = run.calling?.model;
  if (model === undefined) return chooseModel(context, agent);
  return { model, primary: primaryOf(context.log.state, run, agent, model) };
}

function standIn(state: LogState, agent: ResolvedAgent, primary: string, now: Date): string | undefined {
  const pin = state.pins.get(pinKey(agent.name, primary));
  if (pin === undefined || pin.until <= now.getTime()) return undefined;
  return agent.fallback?.models.includes(pin.model) === true ? pin.model : undefined;
}

/**
 * Who is asked after `failed` in this turn: the fallbacks in their order, and the primary last where a fallback stood in for it; each
 * of them once. Undefined when nobody is left.
 */
export function nextModel(agent: ResolvedAgent, run: RunState, choice: Choice): string | undefined {
  const fallback = agent.fallback?.models ?? [];
  if (fallback.length === 0) return undefined;
  const tried = new Set([...run.failed_models, choice.model]);
  return [...fallback, choice.primary].find((name) => !tried.has(name));
}
