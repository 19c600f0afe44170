import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { ArmName } from './arms.ts';
import { normalise } from './normalise.ts';
import type { Scenario } from './transcripts.ts';
import { openWorld, type Event, type World, type WorldOptions } from './world.ts';

/** What is left of a scenario that was played. */
export interface Played {
  arm: ArmName;
  /** All that its reader was shown. */
  seen: Event[];
  /** The durable ones. */
  events: Event[];
  folder: string;
  /** What the run left in its workspace, by path. */
  files: Record<string, string>;
  /** How many connections the arm `cut` broke, and how many bytes each had brought. */
  broken: number;
  carried: readonly number[];
}

/** Plays a scenario in a world of its own, which is closed and judged at the end. */
export async function playScenario(
  { turns, play }: Scenario,
  options: Omit<WorldOptions, 'turns'>,
): Promise<Played> {
  const world = await openWorld({ ...options, turns });
  let played: Played;
  try {
    const seen = await play(world);
    played = { ...(await leftOf(world)), seen, events: seen.filter((event) => event.seq !== undefined) };
  } finally {
    await world.close();
  }
  world.assertValid();
  return played;
}

async function leftOf(world: World): Promise<Omit<Played, 'seen' | 'events'>> {
  const { arm, folder } = world;
  return {
    arm,
    folder,
    files: await filesUnder(folder),
    broken: world.broken(),
    carried: [...world.carried()],
  };
}

async function filesUnder(folder: string): Promise<Record<string, string>> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const read = async (path: string) => [relative(folder, path), await readFile(path, 'utf8')] as const;
  return Object.fromEntries(await Promise.all(files.toSorted().map(read)));
}

/** What has to be equal in every arm: the normalised log and the files. */
export function comparable({ events, folder, files }: Played): { events: Event[]; files: Played['files'] } {
  return { events: normalise(events, folder), files };
}
