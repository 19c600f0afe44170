import type { Backend, Runtime } from '../../protocol/backend.ts';
import type { Renderer } from '../render/renderer.ts';
import type { Drive } from '../run/drive.ts';
import type { GoThrough } from '../run/go-through.ts';
import type { Io } from '../terminal/io.ts';
import { Talking } from './talking.ts';

export interface Conversation {
  backend: Backend;
  runtime: Runtime;
  /** What the command was started with, and what its runs are driven with. */
  context: { going: GoThrough; drive: Drive };
  renderer: Renderer;
  io: Io;
  /** Of the command line: sent first, in order, up to the first that does not end well. */
  messages?: readonly string[];
}

/**
 * Talks on a terminal until `/exit`, Ctrl-D or Ctrl-C twice. Gives the exit code: 130 where leaving has cut a run, else 0. `/new` puts its
 * session into the drive, so that what is said at the end is about the session that was talked to last.
 */
export function startConversation(conversation: Conversation): Promise<number> {
  return new Talking(conversation).toTheEnd();
}
