import type { SessionSummary } from '../../protocol/contract/answers.ts';
import { oneLine, type Style } from '../terminal/style.ts';
import { folderAt, type RemoteServer, resumeCommand } from '../remote/remote-server.ts';
import { dollars } from './closing.ts';

/** A session as a line of JSON; an interrupted one with the command that resumes it. */
export function sessionLine(session: SessionSummary, server?: RemoteServer): string {
  const resume = session.state === 'interrupted' ? { resume: resumeCommand(session.session_id, server) } : {};
  return JSON.stringify({ ...session, ...resume });
}

export interface ListOptions {
  cwd: string;
  now: Date;
  style: Style;
  server?: RemoteServer | undefined;
}

/** A list for people: the folder's own first, then the others with their folders. */
export function listText(sessions: readonly SessionSummary[], options: ListOptions): string {
  const { cwd, style, server } = options;
  const here = sessions.filter((session) => session.working_dir === cwd);
  const elsewhere = sessions.filter((session) => session.working_dir !== cwd);
  const lines = [
    ...(here.length === 0
      ? []
      : [
          style('bold', `in ${folderAt(cwd, server)}`),
          ...here.flatMap((session) => entry(session, options)),
        ]),
    ...(elsewhere.length === 0
      ? []
      : [style('bold', server === undefined ? 'elsewhere' : `on ${server.address.host}`)]),
    ...elsewhere.flatMap((session) => [
      ...entry(session, options),
      style('dim', `    in ${folderAt(session.working_dir, server)}`),
    ]),
  ];
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

function entry(session: SessionSummary, { now, style, server }: ListOptions): string[] {
  const about = oneLine(session.title === '' ? session.first_message : session.title, 60);
  const cost = session.cost === 0 && session.output_tokens > 0 ? 'cost unknown' : dollars(session.cost);
  const age = ageText(now.getTime() - Date.parse(session.updated_at));
  const state = session.state === 'idle' ? session.state : style('yellow', session.state);
  const line = `  ${session.session_id}  ${state}  ${age}  ${cost}  ${about === '' ? '(no message)' : about}`;
  return session.state === 'interrupted'
    ? [line, style('yellow', `    resume: ${resumeCommand(session.session_id, server)}`)]
    : [line];
}

/** How to see what comes after a page. */
export function nextPage(page: string): string {
  return `there are more: --page ${page}`;
}

/** `just now`, `5 min`, `3 h`, `12 d`. */
export function ageText(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} d`;
}
