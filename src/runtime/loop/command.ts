import { toYonderError, YonderError } from '../../protocol/errors.ts';
import type { ToolCall } from '../../protocol/message.ts';
import type { RunState } from '../fold/run-state.ts';
import { newId } from '../ids.ts';
import { takePrompt } from '../mcp/take-prompt.ts';
import { skillText, type SkillText } from '../skills/command.ts';
import { CommandText } from './command-text.ts';
import { agentOf, event, type LoopContext } from './context.ts';
import { fail } from './report.ts';

/**
 * A team's command, or a skill, that a person invoked: first its `!tool()` calls, recorded and judged like every other, then the message that it stands for. The
 * same text is made of the log after a crash (R23).
 */
export async function takeCommand(context: LoopContext, run: RunState): Promise<void> {
  const { command } = run;
  if (command === undefined) return;
  try {
    if (command.prompt !== undefined)
      await takePrompt(context, run, command.name, command.prompt, command.by);
    else await expand(context, run, command);
  } catch (thrown) {
    await fail(context, run, toYonderError(thrown));
  }
}

async function expand(
  context: LoopContext,
  run: RunState,
  command: NonNullable<RunState['command']>,
): Promise<void> {
  const text: Pick<CommandText, 'calls' | 'text'> & Pick<SkillText, 'skill'> = command.is_skill
    ? skillText(context, agentOf(context, run), command)
    : commandText(context, run, command);
  const calls = text.calls();
  if (calls.length > 0 && run.calls.size === 0) {
    await context.log.append({
      step_id: `${run.run_id}/0/command`,
      events: calls.map(({ tool, args }, index) => {
        const tool_call: ToolCall = {
          id: newId('call'),
          type: 'function',
          function: { name: tool, arguments: JSON.stringify(args) },
        };
        return event('tool_call', run, { tool_call, index, turn: 0, source: 'command' });
      }),
    });
    return;
  }
  await context.log.append({
    step_id: `${run.run_id}/0/command/text`,
    flush: true,
    events: [
      event('user_message', run, {
        message: text.text(command.results),
        session_position: -1,
        message_id: newId('msg'),
        by: command.by,
        source: 'command',
        ...(text.skill === undefined ? {} : { skill: text.skill }),
      }),
    ],
  });
}

function commandText(
  context: LoopContext,
  run: RunState,
  command: NonNullable<RunState['command']>,
): CommandText {
  const found = agentOf(context, run).commands?.[command.name];
  if (found === undefined)
    throw new YonderError('not_found', `${run.agent_name} has no command /${command.name} any more`);
  return new CommandText(found.instruction, {
    args: command.arguments,
    variable: (name) => context.variable(name),
  });
}
