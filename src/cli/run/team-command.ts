import type { Runtime } from '../../protocol/backend.ts';
import { YonderError } from '../../protocol/errors.ts';
import { looking } from '../request-context.ts';
import { agentPrompts, promptArguments } from './team-prompts.ts';
import { skillsToType } from './team-skills.ts';

/** `/name words` of the team that a session is of, of a skill, whose words are taken as they were typed, or of a prompt of an MCP server. */
export type TypedCommand =
  | { kind: 'command'; name: string; arguments: string[] }
  | { kind: 'skill'; name: string; arguments: string }
  | { kind: 'prompt'; name: string; arguments: Record<string, string> };

/** What a person reads of a team's command. */
export interface TeamCommand {
  name: string;
  description: string;
}

/** The commands of the agent that is talked to. */
export async function teamCommands(runtime: Runtime): Promise<TeamCommand[]> {
  const { commands } = await runtime.commands(looking(), {});
  return (commands as { name: string; description?: string; instruction: string }[]).map(
    ({ name, description, instruction }) => ({
      name,
      description: description ?? (instruction.split('\n', 1)[0] ?? '').slice(0, 60),
    }),
  );
}

/** The team's command or the skill that a message is, if it is one: a message may begin with a path. Throws `invalid_request` for a quote that does not end. */
export async function asTeamCommand(runtime: Runtime, message: string): Promise<TypedCommand | undefined> {
  const [, name, rest = ''] = /^\/([a-z0-9][\w.-]*)(?:\s+([\s\S]*))?$/i.exec(message.trim()) ?? [];
  if (name === undefined) return undefined;
  const isMeant = (one: { name: string }): boolean => one.name.toLowerCase() === name.toLowerCase();
  const known = (await teamCommands(runtime)).find(isMeant);
  if (known !== undefined) return { kind: 'command', name: known.name, arguments: wordsOf(rest) };
  const skill = (await skillsToType(runtime, [])).find(isMeant);
  if (skill !== undefined) return { kind: 'skill', name: skill.name, arguments: rest.trim() };
  const prompt = (await agentPrompts(runtime)).find(isMeant);
  if (prompt === undefined) return undefined;
  return { kind: 'prompt', name: prompt.name, arguments: promptArguments(prompt, wordsOf(rest)) };
}

/** Words as a shell splits them: blanks between, quotes around what holds blanks, a backslash before what is meant as it is. */
export function wordsOf(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '\\' && quote !== "'" && at + 1 < text.length) {
      at += 1;
      word = (word ?? '') + text.charAt(at);
    } else if (quote !== '') {
      if (character === quote) quote = '';
      else word = (word ?? '') + character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + character;
  }
  if (quote !== '')
    throw new YonderError(
      'invalid_request',
      `the quote ${quote} is not closed; write \\${quote} for the sign itself`,
    );
  if (word !== undefined) words.push(word);
  return words;
}
