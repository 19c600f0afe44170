import { checkChat } from './check-chat.ts';
import { array, object, type Json } from './check-parts.ts';

const FIELDS = new Set([
  'max_tokens',
  'messages',
  'model',
  'parallel_tool_calls',
  'presence_penalty',
  'frequency_penalty',
  'prompt_mode',
  'random_seed',
  'reasoning_effort',
  'response_format',
  'safe_prompt',
  'stop',
  'stream',
  'temperature',
  'tool_choice',
  'tools',
  'top_p',
]);
const CALL_ID = /^[A-Za-z0-9]{9}$/;

/** What Mistral refuses beyond OpenAI's rules: fields that it does not know, other call ids, a user right behind a tool. */
export function checkMistral(body: Json): string[] {
  const faults = checkChat(body);
  for (const name of Object.keys(body)) if (!FIELDS.has(name)) faults.push(`extra input ${name}`);
  const messages = array(body['messages']);
  for (const [index, message] of messages.entries()) {
    if (message['role'] === 'user' && messages[index - 1]?.['role'] === 'tool')
      faults.push(`messages[${index}]: unexpected role user after role tool`);
    const ids = array(message['tool_calls']).map((call) => call['id']);
    if (message['role'] === 'tool') ids.push(message['tool_call_id']);
    for (const id of ids)
      if (typeof id !== 'string' || !CALL_ID.test(id))
        faults.push(`messages[${index}]: tool call id ${String(id)} must be 9 letters and digits`);
  }
  const last = object(messages.at(-1));
  if (last['role'] === 'assistant' && last['prefix'] !== true)
    faults.push('the last message is from the assistant');
  return faults;
}
