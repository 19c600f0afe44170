import { ofType } from './support.ts';
import type { Event } from './world.ts';

/** What a reader has of a text after its last preview. */
export interface PreviewedText {
  type: string;
  /** Of the message or the call. */
  id: string;
  attempt: unknown;
  text: string;
}

/**
 * The previews of one reader put together, each text from its beginning. Throws where a character is there twice or one is missing: each preview begins
 * where the last one of its text ended (R2).
 */
export function previewedTexts(events: readonly Event[]): PreviewedText[] {
  const texts = new Map<string, PreviewedText>();
  for (const event of events) {
    const text = event['content'] ?? event['output'];
    if (event['offset'] === undefined || typeof text !== 'string') continue;
    const id = String(event['message_id'] ?? event['tool_call_id']);
    const key = [event.type, event['run_id'], id, event['stream'], event['attempt']].join(' ');
    const before = texts.get(key) ?? { type: event.type, id, attempt: event['attempt'], text: '' };
    if (event['offset'] !== before.text.length)
      throw new Error(`${key}: a preview at ${Number(event['offset'])} after ${before.text.length}`);
    texts.set(key, { ...before, text: before.text + text });
  }
  return [...texts.values()];
}

/**
 * Throws where a text that a reader was shown is no beginning of what the log has. A text that closed while nobody was connected may have been
 * shown in part; it is never wrong and never doubled.
 */
export function assertPreviews(events: readonly Event[]): void {
  const messages = new Map(
    ofType(events, 'message_added').map((event) => {
      const { message_id, content } = event['message'] as { message_id: string; content: string };
      return [message_id, content];
    }),
  );
  for (const { type, id, text } of previewedTexts(events)) {
    const whole = messages.get(id);
    if (type === 'agent_choice' && whole !== undefined && !whole.startsWith(text))
      throw new Error(`the message ${id} is ${JSON.stringify(whole)}, but ${JSON.stringify(text)} was shown`);
  }
}
