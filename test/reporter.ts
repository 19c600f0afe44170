import { appendFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
  tried: number;
}

/** Adds up tests and tried cases. With YONDER_TALLY=FILE it leaves the sums there for the closing line of a run of several suites. */
export default class CountingReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const counts: Counts = { passed: 0, failed: errors.length, skipped: 0, tried: 0 };
    for (const module of modules) count(module, counts);
    if (process.env['YONDER_LONG'] === '1') {
      console.log(`tried ${counts.tried + counts.passed + counts.failed} cases, ${counts.failed} failed`);
    }
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
