import type { ResponseOf } from '../../protocol/contract/contract.ts';
import { type RemoteServer, resumeCommand } from '../remote/remote-server.ts';
import { printable, type Style } from '../terminal/style.ts';

const SHOWN = 4;
const MARKS: Readonly<Record<string, string>> = { added: '+', modified: '~', deleted: '-' };

/** The turns that changed files, one a line, oldest first. */
export function snapshotsText(
  listed: ResponseOf<'session/snapshots'>,
  session_id: string,
  style: Style,
  server?: RemoteServer,
): string {
  const lines = listed.snapshots.map((snapshot) => {
    const time = snapshot.taken_at.slice(0, 16).replace('T', ' ');
    if (snapshot.failed !== undefined)
      return style('yellow', `  -  ${time}  not recorded: ${printable(snapshot.failed)}`);
    const names = snapshot.changes
      .slice(0, SHOWN)
      .map(({ path, change }) => `${MARKS[change] ?? ''}${printable(path)}`);
    const more = snapshot.files > SHOWN ? ` and ${snapshot.files - SHOWN} more` : '';
    const line = `${String(snapshot.snapshot).padStart(3)}  ${time}  ${names.join(' ')}${more}`;
    return snapshot.undone ? style('dim', `${line}  (taken back)`) : line;
  });
  if (!listed.enabled)
    lines.push(`snapshots are off; turn them on with: ${resumeCommand(session_id, server)} --snapshots`);
  else if (lines.length === 0) lines.push('no turn has changed a file yet');
  return `${lines.join('\n')}\n`;
}
