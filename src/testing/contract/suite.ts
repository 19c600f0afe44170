import { describe, test } from 'vitest';
import type { Behaviours, Stage } from './support.ts';
import { ARMS, openWorld, type ArmName, type World } from './world.ts';

/**
 * Registers behaviours for each arm: one body, run against every way in. At the end of a test its worlds are closed, and each model
 * server says whether it got a request that the real provider would refuse.
 */
export function contractSuite(name: string, behaviours: Behaviours, arms: readonly ArmName[] = ARMS): void {
  describe.each(arms)(`${name}, %s`, (arm) => {
    for (const [title, body] of Object.entries(behaviours)) {
      test(title, async () => {
        const worlds: World[] = [];
        const stage: Stage = {
          arm,
          async open(turns = [], options = {}) {
            const world = await openWorld({ ...options, arm, turns });
            worlds.push(world);
            return world;
          },
        };
        try {
          await body(stage);
        } finally {
          for (const world of worlds) await world.close();
        }
        for (const world of worlds) world.model.assertValid();
      });
    }
  });
}
