import type { ExportedSession } from './exported.ts';

export type Turn = ExportedSession['usage']['turns'][number];

/** A turn in one line: number, model, time, cost. */
export function aboutTurn(turn: Turn): string {
  const time = turn.duration_ms === undefined ? [] : [`${(turn.duration_ms / 1000).toFixed(1)} s`];
  return [`turn ${turn.turn}`, ...(turn.model === undefined ? [] : [turn.model]), ...time, cost(turn)].join(
    ' · ',
  );
}

export const COST_COLUMNS = ['turn', 'agent', 'model', 'time', 'tokens in', 'tokens out', 'cost'] as const;

/** What a turn took, by `COST_COLUMNS`. */
export function costCells(turn: Turn): string[] {
  return [
    turn.turn === 0 ? 'beside' : String(turn.turn),
    turn.agent_name ?? '',
    turn.model ?? '',
    turn.duration_ms === undefined ? '' : `${(turn.duration_ms / 1000).toFixed(1)} s`,
    String(turn.input_tokens + turn.cached_tokens),
    String(turn.output_tokens),
    cost(turn),
  ];
}

/** Tokens and cost of all of it. */
export function used(usage: ExportedSession['usage']): string {
  return `${usage.input_tokens} tokens in, ${usage.output_tokens} out, ${cost(usage)}`;
}

function cost(spent: { cost: number; price_known: boolean }): string {
  const dollars = `$${spent.cost.toFixed(spent.cost !== 0 && spent.cost < 0.01 ? 4 : 2)}`;
  if (spent.price_known) return dollars;
  return spent.cost === 0 ? 'cost unknown' : `${dollars} and what is unknown`;
}

/** The beginning of a long text, with words about the rest. */
export function bounded(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const head = text.slice(0, limit).replace(/[\ud800-\udbff]$/, '');
  return `${head}\n[... ${text.length - head.length} characters are left out; the JSON export has them ...]`;
}
