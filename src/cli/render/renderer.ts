import type { WireEvent } from '../../protocol/events/events.ts';

/** Shows a run. Events come in log order, previews between them; the next one waits until the last is shown. */
export interface Renderer {
  event(event: WireEvent): Promise<void>;
  /** Ends an open line, so that something else can be written. */
  settle(): Promise<void>;
  /** The session whose text is the answer; sub-agents' text is not. */
  begin(session_id: string): void;
}
