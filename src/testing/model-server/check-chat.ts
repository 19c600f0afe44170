import { array, CallLedger, checkNames, object, type Json } from './check-parts.ts';

/** What the chat completions API refuses. */
export function checkChat(body: Json): string[] {
  const messages = array(body['messages']);
  const faults = checkNames(array(body['tools']).map((tool) => object(tool['function'])['name']));
  if (messages.length === 0) faults.push('no messages');
  const ledger = new CallLedger();
  for (const [index, message] of messages.entries()) {
    const role = message['role'];
    if (role === 'tool') {
      if (message['content'] === undefined || message['content'] === null)
        faults.push(`messages[${index}] has no content`);
      ledger.answer(message['tool_call_id']);
      continue;
    }
    ledger.close();
    if (!['system', 'developer', 'user', 'assistant'].includes(String(role)))
      faults.push(`messages[${index}] has role ${String(role)}`);
    const calls = array(message['tool_calls']);
    if (role === 'assistant' && calls.length === 0 && !hasContent(message))
      faults.push(`messages[${index}] is empty`);
    if (role === 'user' && !hasContent(message)) faults.push(`messages[${index}] is empty`);
    for (const call of calls) {
      ledger.call(call['id']);
      if (!isObjectText(object(call['function'])['arguments']))
        faults.push(`arguments of ${String(call['id'])} are no JSON object`);
    }
  }
  ledger.close();
  return [...faults, ...ledger.faults];
}

function hasContent(message: Json): boolean {
  const content = message['content'];
  return Array.isArray(content) ? content.length > 0 : typeof content === 'string' && content !== '';
}

/** Servers of open models parse arguments back and fail on anything but an object. */
export function isObjectText(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  try {
    const parsed: unknown = JSON.parse(value);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
  } catch {
    return false; // that is the question
  }
}
