import type { Backend } from '../../protocol/backend.ts';
import { YonderError } from '../../protocol/errors.ts';
import { folderAt, type RemoteServer } from '../remote/remote-server.ts';
import { looking } from '../request-context.ts';

/** The folder in which a server works: relative folders of requests are meant from there. */
export const SERVER_FOLDER = '.';

/** The newest session that worked in a folder; `not_found` where none has. */
export async function newestIn(
  folder: string,
  backend: Backend,
  server: RemoteServer | undefined,
): Promise<string> {
  const { sessions } = await backend.listSessions(looking(), { cwd: folder, limit: 1 });
  if (sessions[0] !== undefined) return sessions[0].session_id;
  const shown = folder === SERVER_FOLDER ? "the server's folder" : folderAt(folder, server);
  throw new YonderError(
    'not_found',
    `--continue: no session has worked in ${shown} yet; begin one with a message`,
  );
}
