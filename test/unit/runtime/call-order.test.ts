import { expect, test } from 'vitest';
import type { Message } from '../../../src/protocol/message.ts';
import { CallOrder, inCallOrder } from '../../../src/runtime/prompt/call-order.ts';

const user: Message = { message_id: 'u', role: 'user', content: 'go', created_at: '' };
const asks = (message_id: string, ...ids: string[]): Message => ({
  message_id,
  role: 'assistant',
  content: '',
  tool_calls: ids.map((id) => ({ id, type: 'function', function: { name: 'think', arguments: '{}' } })),
  created_at: '',
});
const result = (tool_call_id: string): Message => ({
  message_id: `result_${tool_call_id}`,
  role: 'tool',
  content: 'done',
  tool_call_id,
  created_at: '',
});
const ids = (messages: readonly Message[]) => messages.map(({ message_id }) => message_id);

test('results stand in the order of their calls, behind the message that asked', () => {
  const log = [user, asks('a', '1', '2', '3'), result('3'), result('1'), result('2'), asks('b')];
  expect(ids(inCallOrder(log))).toEqual(['u', 'a', 'result_1', 'result_2', 'result_3', 'b']);
});

test('a result that is still missing has a place for the model, and none for a reader', () => {
  const log = [asks('a', '1', '2'), result('2')];
  expect(ids(inCallOrder(log))).toEqual(['a', 'result_2']);
  const order = new CallOrder();
  expect(log.map((message) => order.add(message))).toEqual([undefined, 2]);
  expect(ids(order.messages)).toEqual(['a', 'missing_1', 'result_2']);
});

test('a result that no call asked for is left out', () => {
  expect(ids(inCallOrder([user, result('1')]))).toEqual(['u']);
});
