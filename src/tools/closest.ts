/** How alike two texts are, from 0 to 1: the share of pairs of neighbouring characters that they have in common (Dice). */
export function likeness(left: string, right: string): number {
  if (left === right) return 1;
  const pairs = pairsOf(left);
  const total = Math.max(0, left.length - 1) + Math.max(0, right.length - 1);
  if (total === 0) return 0;
  let common = 0;
  for (let index = 0; index < right.length - 1; index += 1) {
    const pair = right.slice(index, index + 2);
    const count = pairs.get(pair) ?? 0;
    if (count === 0) continue;
    pairs.set(pair, count - 1);
    common += 1;
  }
  return (2 * common) / total;
}

function pairsOf(text: string): Map<string, number> {
  const pairs = new Map<string, number>();
  for (let index = 0; index < text.length - 1; index += 1) {
    const pair = text.slice(index, index + 2);
    pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
  }
  return pairs;
}

const NEAR = 0.5;

/** The candidates that a misspelt name may stand for, the most alike first, case apart. */
export function closest(wrong: string, candidates: readonly string[], limit: number): string[] {
  const wanted = wrong.toLowerCase();
  return candidates
    .map((name) => ({ name, score: likeness(wanted, name.toLowerCase()) }))
    .filter(({ score }) => score >= NEAR)
    .toSorted((left, right) => right.score - left.score)
    .slice(0, limit)
    .map(({ name }) => name);
}
