import type { ResponseOf } from '../../protocol/contract/contract.ts';
import { folderAt, type RemoteServer, resumeCommand } from '../remote/remote-server.ts';
import { oneLine } from '../terminal/style.ts';

/** What a person should know of a fork: where it begins, and that two sessions now work in one folder. */
export function forkLines(forked: ResponseOf<'session/fork'>, server: RemoteServer | undefined): string[] {
  const { title, origin, session_id, working_dir } = forked;
  return [
    `${oneLine(title, 200)}: up to turn ${origin.turn} of ${origin.session_id}`,
    `both sessions work in the same folder, ${folderAt(working_dir, server)}: what one changes there, the other finds changed`,
    `go on: ${resumeCommand(session_id, server)}`,
  ];
}
