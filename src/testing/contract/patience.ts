import { readFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';

/**
 * A bar in milliseconds as it stands on this machine now: where twice as much wants to run as there are processors, all takes twice as
 * long, and a test that holds a clock to it says nothing about what it tests.
 */
export function patience(milliseconds: number): number {
  const wanting = Math.max(loadavg()[0] ?? 0, running());
  return milliseconds * Math.max(1, wanting / availableParallelism());
}

/** What wants to run at this moment; the load above is a mean of the last minute. */
function running(): number {
  if (process.platform !== 'linux') return 0;
  const [, count = '0'] = /(\d+)\/\d+/.exec(readFileSync('/proc/loadavg', 'utf8')) ?? [];
  return Number(count);
}
