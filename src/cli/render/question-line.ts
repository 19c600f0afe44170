import type { YonderEvent } from '../../protocol/events/events.ts';
import { questionOf } from '../questions/question.ts';
import { type RemoteServer, resumeCommand } from '../remote/remote-server.ts';
import { oneLine, type Style } from '../terminal/style.ts';
import { callSummary } from './tool-line.ts';

/** Where nobody is asked: what the run waits for, and where it can be answered. Undefined for an event that asks nothing. */
export function questionLine(
  event: YonderEvent,
  root_id: string,
  style: Style,
  server?: RemoteServer,
): string | undefined {
  const question = questionOf(event);
  if (question === undefined) return undefined;
  return style(
    'yellow',
    `waits for an answer: ${wordsOf(question)}; it is asked on a terminal by: ${resumeCommand(root_id, server)}`,
  );
}

function wordsOf(question: NonNullable<ReturnType<typeof questionOf>>): string {
  switch (question.type) {
    case 'tool_call_confirmation': {
      const { name, arguments: args } = question.tool_call.function;
      return `may ${name} ${callSummary(args)} run?`.replace('  ', ' ');
    }
    case 'max_iterations_reached':
      return `model calls so far: ${question.max_iterations}; go on?`;
    case 'authorization_event':
      return `sign in at the MCP server ${oneLine(question.server ?? '', 100)}`;
    case 'elicitation_request':
      return oneLine(question.message, 200);
  }
}
