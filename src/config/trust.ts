import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../process/atomic-file.ts';
import { YonderError } from '../protocol/errors.ts';
import { whileLocked } from './locked.ts';
import { readConfigText } from './read-config-text.ts';

const trustSchema = z.record(z.string(), z.string());

/** Absolute path or URL of a team file, and the digest of the list that a person said yes to (R4). */
export type TrustedTeams = Readonly<Record<string, string>>;

/** The file of these decisions in the data folder. */
export function trustFileIn(dataFolder: string): string {
  return join(dataFolder, 'trust.json');
}

/** What was agreed to; a missing file is none. A broken one is `invalid_request`: nothing is trusted by guess. */
export async function readTrust(file: string): Promise<TrustedTeams> {
  const text = await readConfigText(file);
  if (text === '') return {};
  try {
    return trustSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new YonderError(
      'invalid_request',
      `${file} is not a list of trusted teams; delete it, and you are asked again`,
      { cause },
    );
  }
}

/** Keeps the yes to a list; one for each team file, the newest counts. */
export async function rememberTrust(file: string, team: string, digest: string): Promise<void> {
  await change(file, (teams) => ({ ...teams, [team]: digest }));
}

/** Takes the yes back; false where there was none. */
export async function forgetTrust(file: string, team: string): Promise<boolean> {
  if (!Object.hasOwn(await readTrust(file), team)) return false;
  await change(file, (teams) => Object.fromEntries(Object.entries(teams).filter(([path]) => path !== team)));
  return true;
}

async function change(file: string, edit: (teams: TrustedTeams) => TrustedTeams): Promise<void> {
  await whileLocked(file, `${file}.lock`, async () => {
    const teams = edit(await readTrust(file));
    await writeFileAtomic(file, `${JSON.stringify(teams, undefined, 2)}\n`);
  });
}
