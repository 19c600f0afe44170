import type { Message } from '../../protocol/message.ts';
import type { ExportedConversation, ExportedSession } from './exported.ts';

/**
 * The whole session as one JSON object. Files stand in it by reference: `blobs` names each with the session that `GET /v1/blob` gives its
 * bytes for.
 */
export function exportJson({ session, conversations, ...rest }: ExportedSession): string {
  const [root, ...others] = conversations;
  const exported = {
    format: 'yonder/session',
    version: 1,
    session,
    ...rest,
    ...(root === undefined ? { messages: [] } : { ...withoutIds(root), messages: root.messages }),
    sub_sessions: others,
    blobs: conversations.flatMap(({ messages }) => messages.flatMap((message) => filesOf(message))),
  };
  return `${JSON.stringify(exported, null, 2)}\n`;
}

function withoutIds({ summary, summary_before }: ExportedConversation): object {
  return summary === undefined ? {} : { summary, summary_before };
}

function filesOf({ message_id, parts }: Message): object[] {
  return (parts ?? []).flatMap((part) => {
    if (part.type !== 'file') return [];
    const { type: _type, ...file } = part;
    return [{ message_id, ...file }];
  });
}
