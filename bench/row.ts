/** What one side of a pair took, by figure: milliseconds, bytes or whatever else; both sides use the same unit. */
export type Measured = Record<string, number>;

export interface Pair {
  ours(): Promise<Measured>;
  /** The same work without us. */
  base(): Promise<Measured>;
  close(): Promise<void>;
}

/** One row of the table of figures that is a ratio. `bars` has one entry per figure that the sides return. */
export interface RatioRow {
  what: string;
  against: string;
  bars: Record<string, RatioBar>;
  /** How many pairs are measured; the figure is the median of their ratios. One more is run before them and not counted. */
  rounds: number;
  prepare(): Promise<Pair>;
}

/** One row whose figures stand for themselves, because there is nothing to do the same without us. */
export interface PlainRow {
  what: string;
  against: undefined;
  bars: Record<string, PlainBar>;
  /** How often it is measured; the figure is the median. */
  rounds: number;
  measure(): Promise<Measured>;
}

export type Row = RatioRow | PlainRow;

export interface RatioBar {
  ratio: number;
  /** Allowed beside the ratio, in the figure's unit: what there is once, however much work is done. */
  plus?: { amount: number; unit: string };
  /** Of a rate, more is better. */
  direction: 'at most' | 'at least';
}

export interface PlainBar {
  below: number;
  unit: string;
}

export interface Figure {
  name: string;
  /** The bar and the result as the table has them. */
  bar: string;
  result: string;
  met: boolean;
}

/** Measures a row; each of its bars gives a figure. */
export async function measureRow(row: Row): Promise<Figure[]> {
  return row.against === undefined ? measurePlain(row) : measureRatios(row);
}

async function measurePlain(row: PlainRow): Promise<Figure[]> {
  const rounds: Measured[] = [];
  for (let round = 0; round < row.rounds; round += 1) rounds.push(await row.measure());
  return Object.entries(row.bars).map(([name, { below, unit }]) => {
    const result = median(rounds.map((measured) => value(measured, name)));
    return { name, bar: `< ${below} ${unit}`, result: `${result.toFixed(0)} ${unit}`, met: result < below };
  });
}

/** Pairs one after the other, the order of their two sides changing, so that a slow moment hits both alike. */
async function measureRatios(row: RatioRow): Promise<Figure[]> {
  const pair = await row.prepare();
  try {
    await pair.ours();
    await pair.base();
    const rounds: { ours: Measured; base: Measured }[] = [];
    for (let round = 0; round < row.rounds; round += 1) rounds.push(await measurePair(pair, round % 2 === 0));
    return Object.entries(row.bars).map(([name, { ratio, plus, direction }]) => {
      const once = plus?.amount ?? 0;
      const result = median(rounds.map(({ ours, base }) => (value(ours, name) - once) / value(base, name)));
      const beside = plus === undefined ? '' : ` + ${plus.amount} ${plus.unit}`;
      return {
        name,
        bar: `${direction === 'at most' ? '<=' : '>='} ${ratio}x${beside}`,
        result: `${result.toFixed(2)}x${beside}`,
        met: direction === 'at most' ? result <= ratio : result >= ratio,
      };
    });
  } finally {
    await pair.close();
  }
}

async function measurePair(pair: Pair, oursFirst: boolean): Promise<{ ours: Measured; base: Measured }> {
  if (oursFirst) {
    const ours = await pair.ours();
    return { ours, base: await pair.base() };
  }
  const base = await pair.base();
  return { ours: await pair.ours(), base };
}

function value(measured: Measured, name: string): number {
  const found = measured[name];
  if (found === undefined) throw new Error(`a side of the row returned no figure "${name}"`);
  return found;
}

/** The middle value; of an even number the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  if (upper === undefined || lower === undefined) throw new RangeError('there is no median of nothing');
  return (lower + upper) / 2;
}

/** Milliseconds that `work` takes. */
export async function wall(work: () => unknown): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
