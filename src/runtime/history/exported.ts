import type { SessionSummary, UsageAnswer } from '../../protocol/contract/answers.ts';
import type { Message } from '../../protocol/message.ts';

/** A conversation of the tree, whole. */
export interface ExportedConversation {
  session_id: string;
  parent?: { session_id: string; tool_call_id: string };
  agent_name: string;
  /** Stands for what was said before the message `summary_before`, or for all of it where that is absent. */
  summary?: string;
  summary_before?: string | undefined;
  messages: readonly Message[];
}

/** All that an export says; the root conversation comes first. */
export interface ExportedSession {
  exported_at: string;
  session: SessionSummary;
  team: { name: string; digest: string };
  usage: UsageAnswer;
  conversations: ExportedConversation[];
}
