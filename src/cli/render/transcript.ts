import type { ResponseOf } from '../../protocol/contract/contract.ts';
import type { Message } from '../../protocol/message.ts';
import { printable, type Style } from '../terminal/style.ts';
import { callSummary } from './tool-line.ts';

type Said = Pick<ResponseOf<'session/transcript'>, 'messages' | 'changes'>;
type Change = NonNullable<Said['changes']>[number];

/** A stored conversation for people: who said what, which tools ran with what result, and where something was taken back. */
export function transcriptText(said: Said, style: Style): string {
  const texts = inOrder(
    said,
    (message) => messageText(message, style),
    (change) => changeText(change, style),
  );
  return texts.map((text) => `${text}\n`).join('');
}

/** The same for programs: a message as it is; what was taken back has the type of its event, as no message has one. */
export function transcriptLines(said: Said): object[] {
  return inOrder<object>(
    said,
    (message) => message,
    (change) => ({ type: 'history_changed', ...change }),
  );
}

function inOrder<Item>(
  { messages, changes = [] }: Said,
  ofMessage: (message: Message) => Item,
  ofChange: (change: Change) => Item,
): Item[] {
  const before = (at: number): Item[] => changes.filter((change) => change.at === at).map(ofChange);
  return [
    ...messages.flatMap((message, at) => [...before(at), ofMessage(message)]),
    ...before(messages.length),
  ];
}

function changeText({ kind, removed, files, by, timestamp }: Change, style: Style): string {
  const time = timestamp.slice(0, 16).replace('T', ' ');
  const what = `${count(removed, 'message')} and ${count(files, 'file')} taken back`;
  return style('dim', `[${printable(kind)} at ${time} by ${printable(by)}: ${what}]`);
}

function count(number: number, noun: string): string {
  if (number === 0) return `no ${noun}`;
  return number === 1 ? `1 ${noun}` : `${number} ${noun}s`;
}

function messageText(message: Message, style: Style): string {
  const text = printable(message.content).trimEnd();
  if (message.role === 'tool') {
    const mark = message.is_error === true ? style('red', '✗') : style('dim', '→');
    return indented(text === '' ? '(nothing)' : text, `  ${mark} `);
  }
  const name = message.role === 'assistant' ? (message.agent_name ?? 'assistant') : message.role;
  const calls = (message.tool_calls ?? []).map(
    (call) => `  ${style('green', '⚙')} ${call.function.name} ${callSummary(call.function.arguments)}`,
  );
  return [style('bold', `${name}:`), ...(text === '' ? [] : [text]), ...calls].join('\n');
}

function indented(text: string, mark: string): string {
  return text
    .split('\n')
    .map((line, index) => (index === 0 ? `${mark}${line}` : `    ${line}`))
    .join('\n');
}
