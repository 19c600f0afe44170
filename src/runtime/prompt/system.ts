import type { ResolvedAgent, ResolvedTeam } from '../../protocol/team.ts';
import type { Workspace } from '../../protocol/workspace.ts';
import type { Toolset } from '../../tools/tool.ts';
import { promptFilePart, readPromptFile } from './prompt-file.ts';
import { dateLine, environmentLines } from './surroundings.ts';

export interface SystemInput {
  team: ResolvedTeam;
  agent: ResolvedAgent;
  toolsets: readonly Toolset[];
  workspace: () => Promise<Workspace>;
  working_dir: string;
  now: Date;
  platform: string;
  /** Names of variables that commands do not get (R13). */
  withheld: readonly string[];
}

export interface SystemPrompt {
  parts: string[];
  warnings: string[];
}

/** System parts in the order of reference 7.2; each is a part of its own, so that what does not change can be cached. */
export async function systemPrompt(input: SystemInput): Promise<SystemPrompt> {
  const { agent, team } = input;
  const warnings: string[] = [];
  const parts = [
    roster(team, agent),
    handoffRoster(team, agent),
    agent.instruction,
    ...toolInstructions(input.toolsets, input.withheld),
    contextPart(input),
  ];
  for (const file of team.prompt_files) parts.push(promptFilePart(file.name, file.text));
  for (const name of agent.add_prompt_files) {
    const file = await readPromptFile(await input.workspace(), name, team.named_files?.[name]);
    if (file.problem !== undefined) warnings.push(`prompt file ${name}: ${file.problem}`);
    if (file.text !== undefined) parts.push(promptFilePart(name, file.text));
  }
  return { parts: parts.filter((part) => part.trim() !== ''), warnings };
}

function roster(team: ResolvedTeam, agent: ResolvedAgent): string {
  if (agent.sub_agents.length === 0) return '';
  const lines = team.agents
    .filter((other) => agent.sub_agents.includes(other.name))
    .map((other) => `- ${other.name}: ${other.description}`);
  return [
    'You lead a team. Hand a task to one of these agents with the tool transfer_task; it sees only what you write in the task:',
    ...lines,
  ].join('\n');
}

function handoffRoster(team: ResolvedTeam, agent: ResolvedAgent): string {
  if (agent.handoffs.length === 0) return '';
  const lines = team.agents
    .filter((other) => agent.handoffs.includes(other.name))
    .map((other) => `- ${other.name}: ${other.description}`);
  return [
    'Where another agent is the right one to go on, give it this conversation with the tool handoff; it sees all of it and answers in your place:',
    ...lines,
  ].join('\n');
}

/** What commands do not get, as the model reads it. A line of its own, so that a cassette can leave it out of its match. */
export function withheldLine(names: readonly string[]): string {
  return names.length === 0 ? '' : `\nCommands run without these environment variables: ${names.join(', ')}`;
}

function toolInstructions(toolsets: readonly Toolset[], withheld: readonly string[]): string[] {
  return toolsets.map(({ type, instruction }) =>
    type === 'shell' ? `${instruction ?? ''}${withheldLine(withheld)}` : (instruction ?? ''),
  );
}

function contextPart(input: SystemInput): string {
  const lines: string[] = [];
  if (input.agent.add_date) lines.push(dateLine(input.now));
  if (input.agent.add_environment_info) lines.push(...environmentLines(input.working_dir, input.platform));
  return lines.join('\n');
}
