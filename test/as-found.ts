import { afterAll, beforeAll, expect } from 'vitest';

const SIGNALS = ['SIGHUP', 'SIGINT', 'SIGTERM', 'uncaughtException', 'unhandledRejection'] as const;

/** What one test file could leave behind for the next in its process. */
function state(): Record<string, unknown> {
  return {
    folder: process.cwd(),
    mask: process.umask(),
    // Vitest's own change from file to file.
    variables: Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST'))),
    listeners: Object.fromEntries(SIGNALS.map((name) => [name, process.listenerCount(name)])),
  };
}

let found: Record<string, unknown>;
beforeAll(() => {
  found = state();
});
afterAll(() => {
  expect(state(), 'a test file leaves its process as it found it').toEqual(found);
});
