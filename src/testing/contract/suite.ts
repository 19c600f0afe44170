import { describe, test } from 'vitest';
import { ARMS, armsOf, seedOf, type ArmName, type Extent } from './arms.ts';
import type { Behaviours, Stage } from './support.ts';
import { openWorld, type World } from './world.ts';

/**
 * Registers behaviours for each arm: one body, run against every way in. The short form runs each of them in this process and by one way
 * over the wire; with YONDER_LONG=1 each runs in all arms. At the end of a test its worlds are closed, and each says whether its model got a request that the real provider
 * would refuse and whether a message on the wire was none of the contract.
 */
export function contractSuite(
  name: string,
  behaviours: Behaviours,
  arms: readonly ArmName[] = ARMS,
  /** Default: by the form that is run. */
  extent?: Extent,
): void {
  const rows = Object.entries(behaviours).map(([title, body]) => ({
    title,
    body,
    arms: armsOf(title, body.uncut === true ? arms.filter((arm) => arm !== 'cut') : arms, extent),
  }));
  const taken = arms.filter((arm) => rows.some((row) => row.arms.includes(arm)));
  describe.each(taken)(`${name}, %s`, (arm) => {
    for (const { title, body } of rows.filter((row) => row.arms.includes(arm))) {
      test(title, async () => {
        const worlds: World[] = [];
        const stage: Stage = {
          arm,
          async open(turns = [], options = {}) {
            const seed = seedOf(title) + worlds.length;
            const world = await openWorld({ seed, ...options, arm, turns });
            worlds.push(world);
            return world;
          },
        };
        try {
          await body(stage);
        } finally {
          for (const world of worlds) await world.close();
        }
        for (const world of worlds) world.assertValid();
      });
    }
  });
}
