import type { UsageAnswer } from '../../protocol/contract/answers.ts';
import type { Style } from '../terminal/style.ts';
import { count, dollars } from './closing.ts';
import { elapsed } from './tool-line.ts';

/** Turns that are drawn; of a longer session the last ones. */
const SHOWN = 30;
const NARROWEST = 4;
const WIDEST = 30;

type Spent = UsageAnswer['models'][number];

/**
 * Where a session's tokens and cost went: a bar per turn, then the models and agents. Plain characters; as wide as `width` columns let
 * it be, and without bars where there is no room for one.
 */
export function costLines(usage: UsageAnswer, width: number, style: Style): string[] {
  const { turns, models, agents } = usage;
  if (turns.length === 0) return [];
  const shown = turns.slice(-SHOWN);
  const hidden = turns.length - shown.length;
  return [
    ...(hidden === 0 ? [] : [style('dim', `${hidden} earlier turns are not shown; --json has them`)]),
    ...bars(shown, width, style),
    ...(models.length < 2 ? [] : ['models', ...table(models.map((one) => [one.model, one]))]),
    ...(agents.length < 2
      ? []
      : [
          'agents',
          ...table(agents.map((one) => [`${one.agent_name}${one.sub ? ' (sub-agent)' : ''}`, one])),
        ]),
  ];
}

function bars(turns: UsageAnswer['turns'], width: number, style: Style): string[] {
  // Where no price is known the bars are of tokens.
  const weigh = turns.some(({ cost }) => cost > 0)
    ? ({ cost }: Spent | UsageAnswer['turns'][number]): number => cost
    : tokensOf;
  const most = Math.max(...turns.map((turn) => weigh(turn)));
  const rows = turns.map((turn) => ({
    turn,
    name: turn.turn === 0 ? 'beside' : `turn ${turn.turn}`,
    about: [
      price(turn),
      count(tokensOf(turn)),
      ...(turn.duration_ms === undefined ? [] : [elapsed(turn.duration_ms)]),
    ].join(' · '),
  }));
  const nameWidth = Math.max(...rows.map(({ name }) => name.length));
  const room = width - nameWidth - Math.max(...rows.map(({ about }) => about.length)) - 5;
  const barWidth = room < NARROWEST ? 0 : Math.min(room, WIDEST);
  return rows.map(({ turn, name, about }) => {
    const length = most === 0 ? 0 : Math.ceil((weigh(turn) / most) * barWidth);
    const bar =
      barWidth === 0 ? '' : `${style('cyan', '#'.repeat(length))}${' '.repeat(barWidth - length)}  `;
    return `${name.padEnd(nameWidth)}  ${bar}${about}`;
  });
}

function table(entries: readonly [string, Spent | UsageAnswer['agents'][number]][]): string[] {
  const widest = Math.max(...entries.map(([name]) => name.length));
  return entries.map(
    ([name, spent]) =>
      `  ${name.padEnd(widest)}  ${price(spent)} · ${count(tokensOf(spent))} · ${spent.calls} ${spent.calls === 1 ? 'call' : 'calls'}`,
  );
}

function tokensOf(spent: { input_tokens: number; cached_tokens: number; output_tokens: number }): number {
  return spent.input_tokens + spent.cached_tokens + spent.output_tokens;
}

function price({ cost, price_known }: { cost: number; price_known: boolean }): string {
  if (price_known) return dollars(cost);
  return cost === 0 ? 'cost unknown' : `${dollars(cost)}+`;
}

/** The sum of a session on one line. */
export function costTotal(usage: UsageAnswer): string {
  return `${count(usage.input_tokens)} in, ${count(usage.output_tokens)} out · ${price(usage)}`;
}
