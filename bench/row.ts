/** What one side of a pair took, by figure: milliseconds, bytes or whatever else; both sides use the same unit. */
export type Measured = Record<string, number>;

export interface Pair {
  ours(): Promise<Measured>;
  /** The same work without us. */
  base(): Promise<Measured>;
  close(): Promise<void>;
}

/** One row of the table of figures. `bars` has one entry per figure that the sides return. */
export interface Row {
  what: string;
  against: string;
  bars: Record<string, Bar>;
  /** How many pairs are measured; the figure is the median of their ratios. One more is run before them and not counted. */
  rounds: number;
  prepare(): Promise<Pair>;
}

export interface Bar {
  ratio: number;
  /** Of a rate, more is better. */
  direction: 'at most' | 'at least';
}

export interface Figure {
  name: string;
  bar: Bar;
  ratio: number;
  met: boolean;
}

/** Measures a row: pairs one after the other, the order of their two sides changing, so that a slow moment hits both alike. */
export async function measureRow(row: Row): Promise<Figure[]> {
  const pair = await row.prepare();
  try {
    await pair.ours();
    await pair.base();
    const rounds: { ours: Measured; base: Measured }[] = [];
    for (let round = 0; round < row.rounds; round += 1) rounds.push(await measurePair(pair, round % 2 === 0));
    return Object.entries(row.bars).map(([name, bar]) => {
      const ratio = median(rounds.map(({ ours, base }) => value(ours, name) / value(base, name)));
      return { name, bar, ratio, met: bar.direction === 'at most' ? ratio <= bar.ratio : ratio >= bar.ratio };
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
