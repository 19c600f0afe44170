import { z } from 'zod';
import { canonicalJson } from '../../protocol/canonical-json.ts';
import { SKILL_SOURCES } from '../../protocol/skills.ts';
import { sha256 } from '../../process/digest.ts';
import { discoverSkills } from './discover.ts';
import { skillFolders, type SkillPlaces } from './places.ts';
import type { PinnedSkills, SkillCatalog } from './types.ts';
import { viewWarnings } from './view.ts';

const catalogSchema = z.object({
  skills: z.array(
    z.object({
      name: z.string(),
      description: z.string(),
      source: z.enum(SKILL_SOURCES),
      root: z.string(),
      folder: z.string(),
      place: z.string(),
      allowed_tools: z.array(z.string()).optional(),
      fork: z.boolean(),
      for_person_alone: z.boolean(),
      for_model_alone: z.boolean(),
      text: z.string(),
      files: z.record(z.string(), z.string()),
      more_files: z.boolean(),
    }),
  ),
  warnings: z.array(z.string()),
});

/** Looks at every place of a team's skills, as they are now. Throws for an abort alone. */
export async function findSkills(places: SkillPlaces, signal?: AbortSignal): Promise<PinnedSkills> {
  const opened: Parameters<typeof skillFolders>[1] = [];
  try {
    const { skills, texts, warnings } = await discoverSkills(skillFolders(places, opened), signal);
    const found: SkillCatalog = { skills, warnings };
    const catalog = { skills, warnings: [...warnings, ...viewWarnings(places.team.agents, found)] };
    return { digest: sha256(canonicalJson(catalog)), catalog, texts };
  } finally {
    await Promise.all(opened.map((workspace) => workspace.close()));
  }
}

export function catalogText({ catalog }: PinnedSkills): string {
  return canonicalJson(catalog);
}

/** Reads what `catalogText` wrote. */
export function readCatalog(text: string): SkillCatalog {
  return catalogSchema.parse(JSON.parse(text));
}

/** What is different from what was pinned before, a line each. */
export function changesOf(before: SkillCatalog | undefined, after: SkillCatalog): string[] {
  const key = ({ name, place }: SkillCatalog['skills'][number]): string => `${name} (${place})`;
  const had = new Map(before?.skills.map((skill) => [key(skill), canonicalJson(skill)]));
  const has = new Map(after.skills.map((skill) => [key(skill), canonicalJson(skill)]));
  return [
    ...[...has].flatMap(([name, skill]) => {
      const earlier = had.get(name);
      if (earlier === undefined) return [`added ${name}`];
      return earlier === skill ? [] : [`changed ${name}`];
    }),
    ...[...had.keys()].filter((name) => !has.has(name)).map((name) => `removed ${name}`),
  ];
}
