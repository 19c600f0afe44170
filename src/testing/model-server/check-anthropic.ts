import { array, CallLedger, checkNames, object, type Json } from './check-parts.ts';

const LEAST_THINKING = 1024;

function limits(body: Json): string[] {
  const faults: string[] = [];
  const most = body['max_tokens'];
  if (typeof most !== 'number' || most < 1) faults.push('no max_tokens');
  const thinking = object(body['thinking']);
  if (thinking['type'] === 'enabled') {
    const budget = thinking['budget_tokens'];
    if (typeof budget !== 'number' || budget < LEAST_THINKING) faults.push('thinking budget below 1024');
    else if (typeof most === 'number' && budget >= most) faults.push('thinking budget not below max_tokens');
    if (body['temperature'] !== undefined && body['temperature'] !== 1)
      faults.push('temperature with thinking');
  }
  return faults;
}

function blocksOf(message: Json): Json[] {
  const content = message['content'];
  return typeof content === 'string' ? [{ type: 'text', text: content }] : array(content);
}

function cacheMarks(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, inner) => sum + cacheMarks(inner), 0);
  if (typeof value !== 'object' || value === null) return 0;
  return Object.entries(value).reduce(
    (sum, [key, inner]) => sum + (key === 'cache_control' && inner !== null ? 1 : cacheMarks(inner)),
    0,
  );
}

function userBlocks(blocks: Json[], at: string, ledger: CallLedger, faults: string[]): void {
  let others = false;
  for (const block of blocks) {
    if (block['type'] !== 'tool_result') {
      others = true;
      continue;
    }
    if (others) faults.push(`${at}: tool results must come first`);
    ledger.answer(block['tool_use_id']);
  }
  ledger.close();
}

function assistantBlocks(blocks: Json[], at: string, ledger: CallLedger, faults: string[]): void {
  ledger.close();
  for (const block of blocks) {
    if (block['type'] === 'thinking') {
      const signature = block['signature'];
      if (typeof signature !== 'string' || signature === '')
        faults.push(`${at}: thinking without its signature`);
    }
    if (block['type'] !== 'tool_use') continue;
    ledger.call(block['id']);
    const input = block['input'];
    if (typeof input !== 'object' || input === null || Array.isArray(input))
      faults.push(`${at}: tool input is no object`);
  }
}

/** What the messages API refuses. */
export function checkAnthropic(body: Json): string[] {
  const messages = array(body['messages']);
  const faults = [...limits(body), ...checkNames(array(body['tools']).map((tool) => tool['name']))];
  if (cacheMarks([body['system'], body['messages'], body['tools']]) > 4)
    faults.push('more than 4 cache marks');
  if (messages[0]?.['role'] !== 'user') faults.push('the first message is not from the user');
  const ledger = new CallLedger();
  for (const [index, message] of messages.entries()) {
    const at = `messages[${index}]`;
    const blocks = blocksOf(message);
    if (blocks.length === 0) faults.push(`${at} is empty`);
    for (const block of blocks) {
      const text = block['type'] === 'text' ? block['text'] : 'x';
      if (typeof text !== 'string' || text.trim() === '') faults.push(`${at}: empty text block`);
    }
    if (message['role'] === 'user') userBlocks(blocks, at, ledger, faults);
    else if (message['role'] === 'assistant') assistantBlocks(blocks, at, ledger, faults);
    else faults.push(`${at} has role ${String(message['role'])}`);
  }
  ledger.close();
  return [...faults, ...ledger.faults];
}
