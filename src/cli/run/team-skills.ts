import type { Runtime } from '../../protocol/backend.ts';
import { toYonderError } from '../../protocol/errors.ts';
import { changing, looking } from '../request-context.ts';
import type { TypedCommand } from './team-command.ts';

export interface OfferedSkill {
  name: string;
  description: string;
  place: string;
  /** The model may use it too. */
  for_model: boolean;
  for_person: boolean;
}

/** The skills of the agent that is talked to, and what is wrong with some; none where a server is too old to know any. */
export async function agentSkills(runtime: Runtime): Promise<{ skills: OfferedSkill[]; warnings: string[] }> {
  try {
    return await runtime.skills(looking(), {});
  } catch (thrown) {
    const error = toYonderError(thrown);
    if (error.code === 'unsupported') return { skills: [], warnings: [] };
    throw error;
  }
}

/** Those that a person invokes as `/name`; a command of the team takes the name. */
export async function skillsToType(runtime: Runtime, taken: readonly string[]): Promise<OfferedSkill[]> {
  const { skills } = await agentSkills(runtime);
  return skills.filter(({ name, for_person }) => for_person && !taken.includes(name));
}

/** Has the Host run what a person typed. */
export function invoke(runtime: Runtime, typed: TypedCommand): Promise<{ input_id: string; run_id: string }> {
  if (typed.kind === 'command')
    return runtime.command(changing(), { name: typed.name, arguments: typed.arguments });
  if (typed.kind === 'prompt')
    return runtime.prompt(changing(), { name: typed.name, arguments: typed.arguments });
  const { name, arguments: words } = typed;
  return runtime.skill(changing(), { name, ...(words === '' ? {} : { arguments: words }) });
}
