import { toYonderError } from '../../protocol/errors.ts';
import type { ResolvedAgent } from '../../protocol/team.ts';
import type { Workspace } from '../../protocol/workspace.ts';
import { sha256 } from '../../process/digest.ts';
import type { SkillShelf } from '../../tools/skills/toolset.ts';
import type { ToolResult } from '../../tools/tool.ts';
import { below, SKILL_FILE_LIMIT } from './discover.ts';
import { broughtFiles, workspaceFiles, type SkillFiles } from './files.ts';
import type { PinnedSkills, Skill } from './types.ts';
import { pinnedOf } from './view.ts';

/** Where the files of pinned skills are read when they are asked for. */
export interface ShelfPlaces {
  workspace: () => Promise<Workspace>;
  /** Files that came with the team. */
  brought: Readonly<Record<string, string>>;
  /** A folder of this Host; the caller of this closes it. */
  openFolder(root: string): Promise<Workspace>;
}

/** The skills of an agent as its tools see them; undefined where it has none. */
export function shelfOf(
  agent: ResolvedAgent,
  pinned: PinnedSkills | undefined,
  places: ShelfPlaces,
): SkillShelf | undefined {
  const skills = pinnedOf(agent, pinned);
  const offered = skills.filter((skill) => !skill.for_person_alone);
  if (pinned === undefined || skills.length === 0) return undefined;
  const find = (name: string): Skill | undefined => skills.find((skill) => skill.name === name);
  return {
    agent: agent.name,
    offered,
    read(name) {
      const skill = offered.find((one) => one.name === name);
      return skill === undefined ? undefined : textOf(skill, pinned);
    },
    // A skill that a person began reads its own files too.
    file: (name, path, signal) => fileOf(find(name), { name, path, signal }, places, offered),
  };
}

/** The text of a skill, and what is said of it to whoever works by it. Nothing in it is expanded (R32). */
export function textOf(skill: Skill, { texts }: PinnedSkills): string {
  const { name, files, more_files, allowed_tools } = skill;
  const notes: string[] = [];
  const paths = Object.keys(files);
  if (paths.length > 0)
    notes.push(
      `Files of this skill, for read_skill_file: ${paths.join(', ')}${more_files ? ' (and more)' : ''}`,
    );
  if (allowed_tools !== undefined)
    notes.push(`This skill is written for these tools alone: ${allowed_tools.join(', ') || 'none'}`);
  return [
    `Skill ${name}:`,
    '',
    texts.get(skill.text) ?? '',
    ...(notes.length === 0 ? [] : ['', ...notes]),
  ].join('\n');
}

interface AskedFile {
  name: string;
  path: string;
  signal: AbortSignal;
}

async function fileOf(
  skill: Skill | undefined,
  { name, path, signal }: AskedFile,
  places: ShelfPlaces,
  offered: readonly { name: string }[],
): Promise<ToolResult> {
  if (skill === undefined)
    return fault(`There is no skill named ${name}. There are: ${offered.map((one) => one.name).join(', ')}.`);
  const wanted = path.replace(/^(?:\.\/)+/, '');
  if (/^[/\\~]/.test(path) || path.split(/[/\\]/).includes('..'))
    return fault(
      `${path} leads out of the folder of the skill ${name}; only its own files can be read here.`,
    );
  const digest = Object.hasOwn(skill.files, wanted) ? skill.files[wanted] : undefined;
  if (digest === undefined) {
    const names = Object.keys(skill.files).join(', ');
    const more = skill.more_files ? ' It has more files than are offered.' : '';
    return fault(`The skill ${name} has no file ${path}. It has: ${names || 'none'}.${more}`);
  }
  const limit = `${SKILL_FILE_LIMIT / 1024} KiB`;
  if (digest === '')
    return fault(`${path} of the skill ${name} has more than ${limit} and is not read here.`);
  try {
    return await pinnedFile(skill, wanted, digest, places, signal);
  } catch (thrown) {
    return fault(`${path} of the skill ${name} cannot be read: ${toYonderError(thrown).message}`);
  }
}

async function pinnedFile(
  skill: Skill,
  path: string,
  digest: string,
  places: ShelfPlaces,
  signal: AbortSignal,
): Promise<ToolResult> {
  const opened = skill.source === 'user' ? await places.openFolder(skill.root) : undefined;
  try {
    const { bytes } = await filesOf(skill, places, opened).read(
      below(skill.folder, path),
      SKILL_FILE_LIMIT + 1,
    );
    signal.throwIfAborted();
    if (sha256(bytes) !== digest)
      return fault(
        `${path} of the skill ${skill.name} was changed after this run began, and is not read in it; the next run takes it as it is then.`,
      );
    return { output: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch (thrown) {
    if (thrown instanceof TypeError) return fault(`${path} of the skill ${skill.name} is no text.`);
    throw thrown;
  } finally {
    await opened?.close();
  }
}

function filesOf({ source }: Skill, places: ShelfPlaces, opened: Workspace | undefined): SkillFiles {
  if (source === 'team') return broughtFiles(places.brought);
  return workspaceFiles(opened === undefined ? places.workspace : async () => opened);
}

function fault(output: string): ToolResult {
  return { output, is_error: true };
}
