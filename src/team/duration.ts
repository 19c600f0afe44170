const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** Milliseconds of a duration as team files write it: seconds as a number, or a text such as `90s` or `1m30s`. */
export function milliseconds(duration: number | string): number {
  if (typeof duration === 'number') return Math.round(duration * 1_000);
  let total = 0;
  for (const [, amount, unit] of duration.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g))
    total += Number(amount) * UNITS[unit as keyof typeof UNITS];
  return Math.round(total);
}
