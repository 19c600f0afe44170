import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../process/atomic-file.ts';
import { sha256 } from '../process/digest.ts';
import { makeFolders } from '../process/make-folders.ts';

/** A team that was fetched once, with what its server calls this state of it. */
export interface CachedTeam {
  url: string;
  text: string;
  /** ISO 8601. */
  fetched_at: string;
  etag?: string | undefined;
  last_modified?: string | undefined;
}

function fileOf(folder: string, url: string): string {
  return join(folder, 'teams', `${sha256(url)}.json`);
}

/** What is kept of a URL; undefined where nothing is, or where it is not what we wrote: then it is fetched anew. */
export async function readCachedTeam(folder: string, url: string): Promise<CachedTeam | undefined> {
  let kept: string;
  try {
    kept = await readFile(fileOf(folder, url), 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause) return undefined;
    throw cause;
  }
  const shape = z.object({
    url: z.literal(url),
    text: z.string(),
    fetched_at: z.string(),
    etag: z.string().optional(),
    last_modified: z.string().optional(),
  });
  const parsed = z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        context.addIssue('no JSON');
        return z.NEVER;
      }
    })
    .pipe(shape)
    .safeParse(kept);
  return parsed.data;
}

/** Throws the operating system's error, e.g. of a folder that may not be written. */
export async function keepTeam(folder: string, team: CachedTeam): Promise<void> {
  const file = fileOf(folder, team.url);
  makeFolders(join(folder, 'teams'));
  await writeFileAtomic(file, JSON.stringify(team));
}
