import type { UsageAnswer } from '../../protocol/contract/answers.ts';
import type { SpentCall } from '../fold/spending.ts';
import type { LogState } from '../fold/state.ts';

type Details = Pick<UsageAnswer, 'price_known' | 'models' | 'agents' | 'turns'>;
interface Spent {
  calls: number;
  input_tokens: number;
  output_tokens: number;
  cached_tokens: number;
  cost: number;
  price_known: boolean;
}

/** Where a tree's tokens and cost went: per model, per agent, and per turn of the root conversation. All from the log. */
export function usageDetails({ spending, root_id }: LogState): Details {
  const { calls, turns } = spending;
  const agents = grouped(
    calls,
    (call) => `${call.session_id === root_id ? 'lead' : 'sub'}/${call.agent_name}`,
  );
  const byTurn = Map.groupBy(calls, (call) => call.turn);
  const others = byTurn.get(0);
  return {
    price_known: !spending.unpriced,
    models: grouped(calls, (call) => call.model).map(([first, spent]) => ({ model: first.model, ...spent })),
    agents: agents.map(([first, spent]) => ({
      agent_name: first.agent_name,
      sub: first.session_id !== root_id,
      ...spent,
    })),
    turns: [
      ...(others === undefined ? [] : [{ turn: 0, ...sum(others) }]),
      ...turns.map((span) => {
        const own = byTurn.get(span.turn) ?? [];
        const model = own.find((call) => call.session_id === root_id && call.purpose === 'turn')?.model;
        return {
          turn: span.turn,
          agent_name: span.agent_name,
          ...(model === undefined ? {} : { model }),
          message_id: span.message_id,
          started_at: span.started_at,
          duration_ms: Math.max(0, Date.parse(span.ended_at) - Date.parse(span.started_at)),
          ...sum(own),
        };
      }),
    ],
  };
}

/** Groups in the order of their first call, each with its sum. */
function grouped(calls: readonly SpentCall[], key: (call: SpentCall) => string): [SpentCall, Spent][] {
  return [...Map.groupBy(calls, key).values()].flatMap((group) =>
    group[0] === undefined ? [] : [[group[0], sum(group)] as [SpentCall, Spent]],
  );
}

function sum(calls: readonly SpentCall[]): Spent {
  const total: Spent = {
    calls: calls.length,
    input_tokens: 0,
    output_tokens: 0,
    cached_tokens: 0,
    cost: 0,
    price_known: true,
  };
  for (const { usage, cost } of calls) {
    total.input_tokens += usage.input_tokens;
    total.output_tokens += usage.output_tokens;
    total.cached_tokens += usage.cached_input_tokens + usage.cached_write_tokens;
    total.cost += cost ?? 0;
    total.price_known &&= cost !== undefined;
  }
  return total;
}
