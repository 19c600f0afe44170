import type { Backend } from '../../protocol/backend.ts';
import type { SessionSummary } from '../../protocol/contract/answers.ts';
import { looking } from '../request-context.ts';

/** Every session, the folder's first, each part newest first. */
export async function allSessions(
  backend: Backend,
  cwd: string,
  onlyHere: boolean,
): Promise<SessionSummary[]> {
  const sessions: SessionSummary[] = [];
  for (let page: string | undefined; ;) {
    const answer = await backend.listSessions(looking(), {
      limit: 500,
      ...(onlyHere ? { cwd } : {}),
      ...(page === undefined ? {} : { page }),
    });
    sessions.push(...answer.sessions);
    page = answer.next_page;
    if (page === undefined) break;
  }
  return [
    ...sessions.filter((session) => session.working_dir === cwd),
    ...sessions.filter((session) => session.working_dir !== cwd),
  ];
}
