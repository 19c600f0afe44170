import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { EventDraft } from '../../protocol/store.ts';
import type { OpenSession } from '../host/open-session.ts';
import { loadTexts, storeTexts } from '../loop/contents.ts';
import { catalogText, changesOf, findSkills, readCatalog } from './catalog.ts';
import { SKILL_FOLDERS, type SkillPlaces, type UserSkills } from './places.ts';
import type { PinnedSkills } from './types.ts';

/** Whether an agent of this team may use skills at all; nothing is looked for where none may. */
export function usesSkills({ team }: Pick<OpenSession, 'team'>): boolean {
  return team.agents.some(({ skills }) => skills !== undefined);
}

/** The skills of a session as they are now, whatever its run has pinned. */
export async function skillsNow(
  session: OpenSession,
  workspace: SkillPlaces['workspace'],
): Promise<PinnedSkills> {
  const { options, team, log } = session;
  const folders = log.state.bounds.skills;
  const user: readonly UserSkills[] =
    folders === undefined
      ? (options.user_skills ?? [])
      : folders.map((root) => ({ root, folders: ['.', ...SKILL_FOLDERS], shown: root }));
  const { working_dir, openFolder } = session;
  return findSkills({ team, workspace, working_dir, user: await thoseThere(user), openFolder });
}

/** Without what is not there: most people have no skills, and no folder need be opened to see that. */
async function thoseThere(user: readonly UserSkills[]): Promise<UserSkills[]> {
  const looked = await Promise.all(
    user.map(async ({ folders, ...place }) => {
      const there = await Promise.all(folders.map((folder) => isThere(join(place.root, folder))));
      return { ...place, folders: folders.filter((_, index) => there[index]) };
    }),
  );
  return looked.filter(({ folders }) => folders.length > 0);
}

/** What cannot be looked at is there: the one who opens it says why. */
async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (thrown: unknown) => !(thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT'),
  );
}

/**
 * Pins the skills with which a run begins (R22): what is different from the run before is said in the events that this gives, the first time what there is. They are in the log's contents
 * before the event that names them.
 */
export async function pinSkills(
  session: OpenSession,
  fields: Record<string, unknown>,
): Promise<EventDraft[]> {
  const { log } = session;
  if (!usesSkills(session)) return [];
  const found = await skillsNow(session, () => session.workspace());
  if (found.digest === log.state.skills) {
    session.skills ??= found;
    return [];
  }
  const nothing = found.catalog.skills.length === 0 && found.catalog.warnings.length === 0;
  if (nothing && log.state.skills === undefined) return [];
  const before = session.skills?.catalog;
  await storeTexts(log, [catalogText(found), ...found.texts.values()]);
  session.skills = found;
  return [
    {
      type: 'skills_changed',
      fields: {
        ...fields,
        catalog: found.digest,
        skills: found.catalog.skills.map(({ name, source, place, text }) => ({ name, source, place, text })),
        changes: changesOf(before, found.catalog),
      },
    },
    ...found.catalog.warnings.map((message) => ({ type: 'warning', fields: { ...fields, message } })),
  ];
}

/** Has the skills at hand that the log says are pinned, e.g. in the process that recovers a run. */
export async function readySkills(session: OpenSession): Promise<void> {
  const { log } = session;
  const digest = log.state.skills;
  if (digest === session.skills?.digest) return;
  if (digest === undefined) {
    session.skills = undefined;
    return;
  }
  const [text] = (await loadTexts(log, [digest])) ?? [];
  // Lost with the power: the next run pins them anew.
  if (text === undefined) return;
  const catalog = readCatalog(text);
  const digests = [...new Set(catalog.skills.map((skill) => skill.text))];
  const texts = await loadTexts(log, digests);
  session.skills = {
    digest,
    catalog,
    texts: new Map(digests.map((of, index) => [of, texts?.[index] ?? ''])),
  };
}
