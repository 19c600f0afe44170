import { array, CallLedger, checkNames, type Json } from './check-parts.ts';

/** What the responses API refuses. */
export function checkResponses(body: Json): string[] {
  const input = array(body['input']);
  const faults = checkNames(array(body['tools']).map((tool) => tool['name']));
  if (input.length === 0) faults.push('no input');
  const ledger = new CallLedger();
  let answering = false;
  for (const [index, item] of input.entries()) {
    const type = item['type'] ?? 'message';
    if (type === 'function_call') {
      if (answering) ledger.close();
      answering = false;
      if (typeof item['call_id'] !== 'string') faults.push(`input[${index}] has no call_id`);
      ledger.call(item['call_id']);
    } else if (type === 'function_call_output') {
      answering = true;
      if (item['output'] === undefined) faults.push(`input[${index}] has no output`);
      ledger.answer(item['call_id']);
    } else {
      ledger.close();
      answering = false;
      faults.push(...itemFaults(item, type, index, body));
    }
  }
  ledger.close();
  return [...faults, ...ledger.faults];
}

function itemFaults(item: Json, type: unknown, index: number, body: Json): string[] {
  if (type === 'reasoning') {
    const kept = typeof item['encrypted_content'] === 'string';
    return body['store'] === false && !kept
      ? [`input[${index}]: reasoning without encrypted_content and nothing stored`]
      : [];
  }
  if (type === 'item_reference') {
    return body['store'] === false ? [`input[${index}] refers to an item that is not stored`] : [];
  }
  if (type !== 'message') return [`input[${index}] has type ${String(type)}`];
  const known = ['system', 'developer', 'user', 'assistant'].includes(String(item['role']));
  return known ? [] : [`input[${index}] has role ${String(item['role'])}`];
}
