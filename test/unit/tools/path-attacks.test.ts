import { expect, test } from 'vitest';
import type { Attack, Outcome } from './attacks/attack.ts';
import { LINKS } from './attacks/links.ts';
import { openPlaces, type Place, tryOnRunner, tryTool, USES } from './attacks/place.ts';
import { SPELLINGS } from './attacks/spellings.ts';

const isRoot = process.getuid?.() === 0;
const ATTACKS = Object.entries({ ...SPELLINGS, ...LINKS }).filter(([, { root }]) => root !== true || isRoot);
/** As many as there are where nobody may mount. */
const AT_LEAST = 75;

/** What every use of the path gives, in a place of its own. */
function tried(
  attack: Attack,
  places: Awaited<ReturnType<typeof openPlaces>>,
  act: (place: Place, path: string) => Promise<Outcome>,
): Promise<Outcome> {
  return places(async (place) => {
    await attack.prepare?.(place);
    return act(place, typeof attack.path === 'string' ? attack.path : attack.path(place));
  });
}

test.each([
  ['by descriptor', process.platform === 'linux'],
  ['by real path', false],
])('path attacks get what the table says, and touch nothing outside, %s', async (_, descriptors) => {
  const places = await openPlaces(descriptors);
  const got: Record<string, Outcome> = {};
  for (const [name, attack] of ATTACKS) {
    got[name] = await tried(attack, places, async (place, path) => {
      const outcome: Partial<Outcome> = {};
      for (const use of USES) outcome[use] = await tryOnRunner(place, use, path);
      return outcome as Outcome;
    });
  }
  expect(got).toEqual(Object.fromEntries(ATTACKS.map(([name, { gets }]) => [name, gets])));
  expect(Object.keys(got).length).toBe(ATTACKS.length);
  expect(ATTACKS.length).toBeGreaterThanOrEqual(AT_LEAST);
});

test('path attacks by the tools: what leads out is an error in words, and shows and touches nothing outside', async () => {
  const places = await openPlaces(process.platform === 'linux');
  const faults: unknown[] = [];
  for (const [name, attack] of ATTACKS) {
    await tried(attack, places, async (place, path) => {
      for (const use of USES) {
        const { output, failed } = await tryTool(place, use, path);
        const wanted = attack.gets[use];
        const isTold = wanted !== 'path_escape' || /outside the workspace|in \/proc/.test(output);
        const mustFail = ['path_escape', 'invalid_request', 'forbidden'].includes(wanted);
        const mayShow = attack.gets.read.includes('SECRET');
        if (!isTold || (mustFail && !failed) || (!mayShow && output.includes('SECRET')))
          faults.push({ name, use, wanted, output });
      }
      return attack.gets;
    });
  }
  expect(faults).toEqual([]);
});
