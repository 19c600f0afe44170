/**
 * The names that a misspelt one may stand for: all at the least distance, best known order kept. The distance counts inserted, missing, changed and
 * swapped characters, without regard to case and to `-`, `_` and blanks; more than a third of the name (at least one) is too far.
 */
export function nearest(wrong: string, valid: Iterable<string>): string[] {
  const limit = Math.max(1, Math.floor(wrong.length / 3));
  let least = limit;
  let found: string[] = [];
  for (const name of new Set(valid)) {
    if (Math.abs(name.length - wrong.length) > limit + 2) continue;
    const steps = Math.min(distance(wrong, name), distance(plain(wrong), plain(name)));
    if (steps > least) continue;
    if (steps < least) found = [];
    least = steps;
    found.push(name);
  }
  return found;
}

/** `; did you mean "a" or "b"?`, or nothing when no valid name is near. */
export function suggestion(wrong: string, valid: Iterable<string>): string {
  const names = nearest(wrong, valid).slice(0, 5);
  return names.length === 0 ? '' : `; did you mean ${names.map((name) => `"${name}"`).join(' or ')}?`;
}

/** `a, b and c`, for messages that list what is valid. */
export function listed(names: readonly string[]): string {
  if (names.length < 2) return names.join('');
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
}

function plain(name: string): string {
  return name.replace(/[-_ ]/g, '').toLowerCase();
}

/** Damerau's distance with adjacent swaps. Long names are cut, which keeps the work bounded. */
function distance(left: string, right: string): number {
  const from = left.slice(0, 100);
  const to = right.slice(0, 100);
  let before: number[] = [];
  let above = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const line = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      let steps = Math.min(
        (above[column] ?? 0) + 1,
        (line[column - 1] ?? 0) + 1,
        (above[column - 1] ?? 0) + (same ? 0 : 1),
      );
      if (row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]) {
        steps = Math.min(steps, (before[column - 2] ?? 0) + 1);
      }
      line.push(steps);
    }
    before = above;
    above = line;
  }
  return above[to.length] ?? 0;
}
