import type { RunSkill, SkillSource } from '../../protocol/skills.ts';
import type { ResolvedAgent } from '../../protocol/team.ts';

/** A skill as a run pins it: everything but its text, which stands in the log's contents under its digest (R22). */
export interface Skill {
  name: string;
  description: string;
  source: SkillSource;
  /** Of a team's skill the folder that the team names; of a user's the absolute folder that `folder` is meant from. */
  root: string;
  /** Below `root`; of a workspace's skill below the workspace's root. */
  folder: string;
  /** Where its `SKILL.md` is, for a person. */
  place: string;
  /** What its `SKILL.md` says of tools, as it is written; absent: nothing, and nothing is narrowed. */
  allowed_tools?: string[];
  /** To be run as a sub-agent, not read into a conversation. */
  fork: boolean;
  /** Only a person may use it. */
  for_person_alone: boolean;
  /** Only the model may use it. */
  for_model_alone: boolean;
  /** Digest of its text, without the front matter. */
  text: string;
  /** Its other files by path below its folder, with the digest of each; `''` for one that is too long to be read. */
  files: Record<string, string>;
  /** It has more files than are pinned. */
  more_files: boolean;
}

/** What was found, in the order of sources, folders and names; those of one name are all in it. */
export interface SkillCatalog {
  skills: Skill[];
  warnings: string[];
}

/** The skills of a session as its newest run took them. */
export interface PinnedSkills {
  /** Of the catalog. */
  digest: string;
  catalog: SkillCatalog;
  /** By digest. */
  texts: ReadonlyMap<string, string>;
}

/** An agent as a run has it: what skills on its chain leave of its tools, the outermost first. */
export type NarrowedAgent = ResolvedAgent & { narrowed?: readonly RunSkill[] };
