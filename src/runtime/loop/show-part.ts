import type { ModelPart } from '../../model/call.ts';
import type { RunState } from '../fold/run-state.ts';
import { ofRun, type LoopContext } from './context.ts';

/** Previews what a model sends, under its attempt: a new attempt voids what the one before showed (R2). */
export function showPart(
  context: LoopContext,
  run: RunState,
  part: ModelPart,
  message_id: string,
  attempt: number,
): void {
  const fields = { ...ofRun(run), message_id, attempt };
  const key = `message/${message_id}/${attempt}`;
  if (part.type === 'text_delta') {
    context.log.preview(`${key}/text`, 'agent_choice', part.text, fields, (content) => ({ content }));
  } else if (part.type === 'reasoning_delta') {
    context.log.preview(`${key}/reasoning`, 'agent_choice_reasoning', part.text, fields, (content) => ({
      content,
    }));
  } else if (part.type === 'tool_call_delta') {
    const name = part.name ?? '';
    context.log.preview(
      `${key}/call/${part.id}`,
      'partial_tool_call',
      part.arguments_delta,
      fields,
      (text) => ({
        tool_call: { id: part.id, type: 'function', function: { name, arguments: text } },
      }),
    );
  }
}
