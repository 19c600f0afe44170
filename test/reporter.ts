import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
  tried: number;
}

/** Adds up tests and tried cases. With YONDER_SEEN=FILE it notes in which arms each behaviour of the contract passed. With YONDER_TALLY=FILE it leaves the sums there for the closing line of a run of several suites. */
export default class CountingReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const counts: Counts = { passed: 0, failed: errors.length, skipped: 0, tried: 0 };
    for (const module of modules) count(module, counts);
    if (process.env['YONDER_LONG'] === '1') {
      console.log(`tried ${counts.tried + counts.passed + counts.failed} cases, ${counts.failed} failed`);
    }
    const seen = process.env['YONDER_SEEN'];
    if (seen !== undefined) noteArms(modules, seen);
    const tally = process.env['YONDER_TALLY'];
    if (tally !== undefined) appendFileSync(tally, `${counts.passed} ${counts.failed}\n`);
  }
}

function count(module: TestModule, counts: Counts): void {
  // A file that could not be loaded has no tests, and would otherwise look like one without failures.
  counts.failed += module.errors().length;
  for (const test of module.children.allTests()) {
    const { state } = test.result();
    if (state === 'passed') counts.passed += 1;
    else if (state === 'failed') counts.failed += 1;
    else counts.skipped += 1;
    const { tried } = test.meta() as { tried?: number };
    // The test itself counts for one.
    if (tried !== undefined) counts.tried += tried - 1;
  }
}

/** Arms of each behaviour, by its title; those of the suites that ran take the place of what the file had of them. */
function noteArms(modules: readonly TestModule[], file: string): void {
  const seen = new Map(Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, string[]>));
  const now = new Map<string, string[]>();
  for (const module of modules) {
    for (const test of module.children.allTests()) {
      const arm = test.parent.type === 'suite' ? /, (\w+)$/.exec(test.parent.name)?.[1] : undefined;
      if (arm === undefined || test.result().state === 'skipped') continue;
      const arms = now.get(test.name) ?? [];
      now.set(test.name, test.result().state === 'passed' ? [...arms, arm] : arms);
    }
  }
  for (const [title, arms] of now) seen.set(title, arms);
  const sorted = [...seen].toSorted(([left], [right]) => (left < right ? -1 : 1));
  writeFileSync(file, `${JSON.stringify(Object.fromEntries(sorted), null, 1)}\n`);
}
