import { defineConfig } from 'vitest/config';

/**
 * Processes, not threads: what tests start is asked for by process. Two processes take all files, each with its modules loaded once: a new
 * process for each file was a third of the suite. So a file leaves its process as it found it, which `test/as-found.ts` looks after; a child
 * does what needs another state. Only suites that start the built command build it first, so that a broken room does not stop the tests of
 * the others.
 */
const common = {
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
    maxWorkers: 2,
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
