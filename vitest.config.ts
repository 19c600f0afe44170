import { configDefaults, defineConfig } from 'vitest/config';
import { longSuites } from './scripts/long-suites.ts';

/** `.ci/run` runs both forms one after the other: what the long one holds whole, the short one leaves to it. */
const isHalf = process.env['YONDER_BOTH_FORMS'] === '1' && process.env['YONDER_LONG'] !== '1';
const left = longSuites(import.meta.dirname).filter(({ holdsShort }) => isHalf && holdsShort);

/**
 * Processes, not threads: what tests start is asked for by process. A few processes take all files, each with its modules loaded once: a new
 * process for each file was a third of the suite. So a file leaves its process as it found it, which `test/as-found.ts` looks after; a child
 * does what needs another state. Only suites that start the built command build it first, so that a broken room does not stop the tests of
 * the others.
 */
const common = {
  exclude: [...configDefaults.exclude, ...left.map(({ file }) => file)],
  pool: 'forks' as const,
  isolate: false,
  setupFiles: ['./test/as-found.ts'],
  globalSetup: ['./test/in-memory.ts'],
  // What is awaited comes when it comes: a machine that has much to do is no failure.
  testTimeout: 120_000,
  hookTimeout: 120_000,
  expect: { poll: { interval: 10, timeout: 20_000 } },
};

export default defineConfig({
  test: {
    // One more than the two cores that the suite is made for: a test that waits for something leaves its core to another.
    maxWorkers: 3,
    reporters: ['default', './test/reporter.ts'],
    projects: [
      {
        test: {
          ...common,
          name: 'rooms',
          include: ['test/unit/**/*.test.ts', 'test/contract/**/*.test.ts'],
        },
      },
      {
        test: {
          ...common,
          name: 'built',
          include: ['test/house/**/*.test.ts', 'test/e2e/**/*.test.ts', 'test/faults/**/*.test.ts'],
          globalSetup: [...common.globalSetup, './test/build-first.ts'],
        },
      },
    ],
  },
});
