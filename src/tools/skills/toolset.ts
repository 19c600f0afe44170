import { z } from 'zod';
import { defineTool } from '../define-tool.ts';
import type { Tool, ToolResult, Toolset } from '../tool.ts';

/** A skill as the model is told of it. */
export interface OfferedSkill {
  name: string;
  description: string;
  /** It is meant to be run, not read. */
  fork: boolean;
}

/** The skills of one agent, as its run has them pinned. */
export interface SkillShelf {
  offered: readonly OfferedSkill[];
  /** The text of one of them with what belongs to it; undefined for a name that is not offered. */
  read(name: string): string | undefined;
  /** A file beside it. What the model can mend is a result with `is_error`. */
  file(name: string, path: string, signal: AbortSignal): Promise<ToolResult>;
  /** The agent whose they are. */
  agent: string;
}

/** Characters of the list that stands in the system prompt; what is beyond is named alone. */
const LONGEST_LIST = 24_000;

/** `read_skill`, `read_skill_file` and `run_skill`, and the list of skills for the system prompt. */
export function skillsToolset(shelf: SkillShelf): Toolset {
  return {
    type: 'skills',
    name: 'skills',
    instruction: `${INSTRUCTION}\n${listOf(shelf.offered)}`,
    tools: [readSkill(shelf), readSkillFile(shelf), runSkill(shelf)],
  };
}

const INSTRUCTION =
  'A skill is a text that says how a certain kind of work is done here. Before you begin such work, read the skill that fits with read_skill, and the files that it names with read_skill_file. With run_skill a sub-agent does a task by one skill alone and gives you its answer; do that with the skills that say so. There are:';

function listOf(offered: readonly OfferedSkill[]): string {
  const lines: string[] = [];
  let length = 0;
  for (const [index, { name, description, fork }] of offered.entries()) {
    const line = `- ${name}${fork ? ' (run it with run_skill)' : ''}${description === '' ? '' : `: ${description}`}`;
    length += line.length + 1;
    if (length > LONGEST_LIST) {
      const rest = offered.slice(index).map((skill) => skill.name);
      return [...lines, `- and, without words about them here: ${rest.join(', ')}`].join('\n');
    }
    lines.push(line);
  }
  return lines.join('\n');
}

const skillName = z.string().min(1).describe('Name of the skill');

function readSkill(shelf: SkillShelf): Tool {
  return defineTool(
    { toolset: 'skills', name: 'read_skill' },
    {
      title: 'Read a skill',
      description: 'Gives the text of a skill and the names of its files.',
      input: z.strictObject({ name: skillName }),
      needsWorkspace: false,
      execute: async ({ name }) => {
        const output = shelf.read(name);
        return output === undefined ? unknown(shelf, name) : { output };
      },
    },
  );
}

function readSkillFile(shelf: SkillShelf): Tool {
  return defineTool(
    { toolset: 'skills', name: 'read_skill_file' },
    {
      title: 'Read a file of a skill',
      description: 'Gives the text of a file that belongs to a skill.',
      input: z.strictObject({
        skill_name: skillName,
        path: z
          .string()
          .min(1)
          .describe("Path of the file below the skill's folder, e.g. references/style.md"),
      }),
      needsWorkspace: false,
      execute: async ({ skill_name, path }, { signal }) => shelf.file(skill_name, path, signal),
    },
  );
}

function runSkill(shelf: SkillShelf): Tool {
  return defineTool(
    { toolset: 'skills', name: 'run_skill' },
    {
      title: 'Run a skill',
      description:
        'Gives a task to a sub-agent that works by a skill, waits, and gives back its answer. It sees only the skill and what is written here.',
      input: z.strictObject({
        name: skillName,
        task: z.string().min(1).describe('What is to be done, with everything that has to be known for it'),
      }),
      access: () => ({ paths: [], delegate: shelf.agent }),
      execute: ({ name, task }, context) => context.delegate({ agent: shelf.agent, task, skill: name }),
    },
  );
}

function unknown({ offered }: SkillShelf, name: string): ToolResult {
  const names = offered.map((skill) => skill.name).join(', ');
  return { output: `There is no skill named ${name}. There are: ${names}.`, is_error: true };
}
