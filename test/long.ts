import type { TestContext } from 'vitest';

/** True under `npm run test:long`: a suite that has a long form then takes it. */
export const long = process.env['YONDER_LONG'] === '1';

/** How many cases a property or a sweep tries: few in `npm test`, many in `npm run test:long`. */
export function cases(short: number, many: number): number {
  return long ? many : short;
}

/** Puts the number of cases that a test tried into the closing lines of the run. */
export function tried(context: TestContext, count: number): void {
  Object.assign(context.task.meta, { tried: count });
}
