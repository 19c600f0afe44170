import type { EventDraft } from '../../protocol/store.ts';
import type { RunState } from '../fold/run-state.ts';
import { smaller } from '../policy/bounds.ts';
import { event, type LoopContext } from './context.ts';
import { finish } from './finish.ts';

/** From this share of a budget on it is warned about, once. */
const WARN_AT = 0.8;

interface Budget {
  budget: 'max_cost' | 'max_tokens';
  used: number;
  limit: number;
}

/**
 * Before each model call of the tree: warns at 80 % of a budget, and ends the run with `budget_exceeded` where one is used up. What is used is
 * the fold of the whole tree, so that it counts over resumes. A call that is under way is never cut. True when the run was ended.
 */
export async function stopAtBudget(context: LoopContext, run: RunState): Promise<boolean> {
  const budgets = budgetsOf(context);
  const spent = spentBudget(context);
  if (spent !== undefined) {
    await context.log.append({ events: [event('budget_exceeded', run, { ...spent })] });
    await finish(context, run, 'budget_exceeded');
    return true;
  }
  const { warned } = context.log.state.spending;
  const near = budgets.filter(
    ({ budget, used, limit }) => used >= limit * WARN_AT && !warned.has(`${budget}:${limit}`),
  );
  if (near.length > 0)
    await context.log.append({ events: near.map((one) => event('budget_usage', run, { ...one })) });
  return false;
}

/** The first budget of the tree that is used up. */
export function spentBudget(context: LoopContext): Budget | undefined {
  return budgetsOf(context).find(({ used, limit }) => used >= limit);
}

function budgetsOf({ settings, log }: LoopContext): Budget[] {
  const { bounds } = log.state;
  const max_cost = smaller(settings.budget?.max_cost, bounds.max_cost);
  const max_tokens = smaller(settings.budget?.max_tokens, bounds.max_tokens);
  const { cost, tokens } = log.state.spending;
  return [
    ...(max_cost === undefined ? [] : [{ budget: 'max_cost' as const, used: cost, limit: max_cost }]),
    ...(max_tokens === undefined ? [] : [{ budget: 'max_tokens' as const, used: tokens, limit: max_tokens }]),
  ];
}

/** A cost that nobody knows cannot be limited: said when a run begins, for every model of the team whose price is not known. */
export async function unpricedWarning(
  context: Pick<LoopContext, 'settings' | 'team' | 'log' | 'model'> & {
    models: { describe: (model: Awaited<ReturnType<LoopContext['model']>>) => Promise<{ price?: unknown }> };
  },
  fields: Record<string, unknown>,
): Promise<EventDraft[]> {
  const { bounds } = context.log.state;
  if (smaller(context.settings.budget?.max_cost, bounds.max_cost) === undefined) return [];
  const names = new Set([
    ...context.team.agents.flatMap((agent) => agent.models),
    ...context.log.state.models.values(),
  ]);
  const unpriced: string[] = [];
  for (const name of names) {
    const { price } = await context.models.describe(await context.model(name));
    if (price === undefined) unpriced.push(name);
  }
  if (unpriced.length === 0) return [];
  const message = `the price of ${unpriced.join(', ')} is not known, so that the cost limit cannot count what it costs; max_tokens limits it all the same`;
  return [{ type: 'warning', fields: { ...fields, message } }];
}
