import type { YonderEvent } from '../../protocol/events/events.ts';
import type { Usage } from '../../protocol/message.ts';

/** One model call that was paid for. */
export interface SpentCall {
  seq: number;
  session_id: string;
  agent_name: string;
  /** `provider/model` that answered. */
  model: string;
  purpose: 'turn' | 'compaction' | 'title' | 'sample';
  /** The turn of the root conversation that it belongs to, from 1; 0 for what belongs to none. */
  turn: number;
  usage: Usage;
  /** US dollars; undefined when the price is not known. */
  cost: number | undefined;
}

/** A turn of the root conversation: its model call, and the tools and sub-agents that it asked for. */
export interface TurnSpan {
  turn: number;
  run_id: string | undefined;
  agent_name: string;
  message_id: string;
  started_at: string;
  ended_at: string;
}

/** What the tree has used, in the order of the log. */
export interface Spending {
  calls: SpentCall[];
  turns: TurnSpan[];
  /** When the model call of the root conversation that is under way began. */
  began_at: string | undefined;
  /** All tokens that providers counted, those of their caches included. */
  tokens: number;
  cost: number;
  /** A call whose price is not known is among them. */
  unpriced: boolean;
  /** Budgets that were warned about, as `max_cost:1.5`. */
  warned: Set<string>;
}

export function noSpending(): Spending {
  return {
    calls: [],
    turns: [],
    began_at: undefined,
    tokens: 0,
    cost: 0,
    unpriced: false,
    warned: new Set(),
  };
}

const BESIDE = { session_summary: 'compaction', session_title: 'title', model_sample: 'sample' } as const;

/** Adds what one event says about tokens, cost and time. */
export function foldSpending(spending: Spending, root_id: string, event: YonderEvent): void {
  switch (event.type) {
    case 'model_call':
      if (event.session_id === root_id && (event.purpose ?? 'turn') === 'turn')
        spending.began_at ??= event.timestamp;
      return;
    case 'message_added':
      return foldMessage(spending, root_id, event);
    case 'tool_call_response': {
      const span = spending.turns.at(-1);
      if (event.session_id === root_id && span !== undefined) span.ended_at = event.timestamp;
      return;
    }
    case 'stream_stopped':
      if (event.session_id === root_id) spending.began_at = undefined;
      return;
    case 'session_summary':
    case 'session_title':
    case 'model_sample':
      if (event.usage === undefined) return;
      spend(spending, {
        seq: seqOf(event),
        session_id: event.session_id,
        agent_name: event.agent_name ?? '',
        model: event.model ?? '',
        purpose: BESIDE[event.type],
        turn: event.type === 'session_title' ? 0 : spending.turns.length,
        usage: event.usage,
        cost: event.cost,
      });
      return;
    case 'budget_usage':
      spending.warned.add(`${event.budget ?? ''}:${event.limit ?? 0}`);
      return;
    default:
  }
}

type MessageAdded = Extract<YonderEvent, { type: 'message_added' }>;

function foldMessage(spending: Spending, root_id: string, event: MessageAdded): void {
  const { message } = event;
  if (message?.role !== 'assistant') return;
  const isRoot = event.session_id === root_id;
  if (isRoot) {
    const ended_at = event.timestamp;
    spending.turns.push({
      turn: spending.turns.length + 1,
      run_id: event.run_id,
      agent_name: message.agent_name ?? event.agent_name ?? '',
      message_id: message.message_id,
      started_at: spending.began_at ?? ended_at,
      ended_at,
    });
    spending.began_at = undefined;
  }
  if (message.usage === undefined) return;
  spend(spending, {
    seq: seqOf(event),
    session_id: event.session_id,
    agent_name: message.agent_name ?? event.agent_name ?? '',
    model: message.model ?? '',
    purpose: 'turn',
    turn: spending.turns.length,
    usage: message.usage,
    cost: message.cost,
  });
}

function seqOf(event: YonderEvent): number {
  return 'seq' in event ? event.seq : 0;
}

function spend(spending: Spending, call: SpentCall): void {
  spending.calls.push(call);
  spending.tokens += allTokens(call.usage);
  spending.cost += call.cost ?? 0;
  spending.unpriced ||= call.cost === undefined;
}

/** The four counts of a call are disjoint; together they are what a provider worked through. */
export function allTokens(usage: Usage): number {
  return usage.input_tokens + usage.cached_input_tokens + usage.cached_write_tokens + usage.output_tokens;
}
