import type { Backend, Runtime } from '../../../protocol/backend.ts';
import type { RemoteServer } from '../../remote/remote-server.ts';
import type { Io } from '../../terminal/io.ts';
import type { Style } from '../../terminal/style.ts';
import type { Calls } from '../calls.ts';

/** What a slash command sees of the conversation. */
export interface Talk {
  readonly backend: Backend;
  readonly io: Io;
  readonly style: Style;
  readonly calls: Calls;
  /** Where the sessions are; absent: here. */
  readonly server: RemoteServer | undefined;
  /** The session that is talked to now. */
  runtime(): Runtime;
  /** A line on stderr. */
  note(line: string): void;
  /** Shows a run of this session to its end. */
  watch(run_id: string, after: number): Promise<void>;
  /** Begins another session, in a folder or where this one is. */
  beginSession(folder: string | undefined): Promise<void>;
  /** Tells the model something when it is done, or now where nothing runs. */
  followUp(text: string): Promise<void>;
  leave(): void;
  /** The session is gone: there is nothing to go on with. */
  forget(): void;
}

export interface SlashCommand {
  name: string;
  /** What may follow, e.g. `[NAME]`; empty where nothing may. */
  usage: string;
  about: string;
  /** It may be given while a run works. */
  anytime: boolean;
  run(talk: Talk, argument: string): Promise<void>;
  /** What its argument may be, for completion. */
  words?(talk: Talk): Promise<readonly string[]>;
}
