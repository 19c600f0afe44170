import type { Message } from '../../protocol/message.ts';
import { printable, type Style } from '../terminal/style.ts';
import { callSummary } from './tool-line.ts';

/** A stored conversation for people: who said what, which tools ran with what result. */
export function transcriptText(messages: readonly Message[], style: Style): string {
  return messages.map((message) => `${messageText(message, style)}\n`).join('');
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
