import { defineConfig } from 'vitest/config';

/**
 * Processes, not threads: tests change folders and masks and send signals. Each file has its own, so that the suite passes in any
 * order. Only suites that start the built command build it first, so that a broken room does not stop the tests of the others.
 */
const common = {
  pool: 'forks',
  // What is awaited comes when it comes: a machine that has much to do is no failure.
  testTimeout: 120_000,
  hookTimeout: 120_000,
  expect: { poll: { interval: 10, timeout: 20_000 } },
} as const;

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
          globalSetup: ['./test/build-first.ts'],
        },
      },
    ],
  },
});
