import type { Prompt } from '@modelcontextprotocol/client';
import { YonderError } from '../../protocol/errors.ts';
import type { ContentPart } from '../../protocol/message.ts';
import type { RunState } from '../fold/run-state.ts';
import { newId } from '../ids.ts';
import { agentOf, event, type LoopContext } from '../loop/context.ts';

type PromptArguments = Readonly<Record<Prompt['name'], string>>;

/** The message that a server's prompt stands for. Its text is the server's, so nothing in it is expanded (R32). */
export async function takePrompt(
  context: LoopContext,
  run: RunState,
  name: string,
  args: PromptArguments,
  by: string,
): Promise<void> {
  const servers = await context.servers(agentOf(context, run));
  const signal = context.signalOf(run.run_id);
  await context.ready(run, signal);
  if (signal.aborted) return;
  const found = servers?.all.prompts(agentOf(context, run)).find((prompt) => prompt.name === name);
  if (servers === undefined || found === undefined)
    throw new YonderError('not_found', `${run.agent_name} has no prompt /${name} any more`);
  const saveBlob = async (bytes: Uint8Array, media_type: string): Promise<ContentPart> => {
    const blob_id = newId('blob');
    await context.log.store.putBlob(context.log.root_id, { blob_id, media_type, name: undefined }, bytes);
    return { type: 'file', blob_id, media_type, size: bytes.byteLength };
  };
  const { text, parts } = await found.get({ ...args }, { saveBlob }, signal);
  await context.log.append({
    step_id: `${run.run_id}/0/command/text`,
    flush: true,
    events: [
      event('user_message', run, {
        message: text,
        ...(parts.length === 0 ? {} : { multi_content: [...parts] }),
        session_position: -1,
        message_id: newId('msg'),
        by,
        source: 'command',
      }),
    ],
  });
}
