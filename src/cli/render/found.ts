import type { FoundSession } from '../../protocol/contract/answers.ts';
import { oneLine, printable, type Style } from '../terminal/style.ts';
import { ageText } from './sessions.ts';

const WHERE = { title: 'title', user: 'you', assistant: 'answer', tool: 'tool', shell: '!' } as const;

/** A session that was found: which, and the place that fits best, the words in bold. */
export function foundText(session: FoundSession, now: Date, style: Style): string {
  const { match } = session;
  const about = oneLine(session.title === '' ? session.first_message : session.title, 60);
  const age = ageText(now.getTime() - Date.parse(session.updated_at));
  const more = match.count > 1 ? style('dim', ` and ${match.count - 1} more`) : '';
  const head = `${session.session_id}  ${age}  ${about}${session.starred ? '  *' : ''}`;
  return `${head}\n    ${style('dim', `${WHERE[match.where]}:`)} ${marked(match, style)}${more}\n`;
}

function marked({ snippet, marks }: FoundSession['match'], style: Style): string {
  let text = '';
  let at = 0;
  for (const [start, end] of marks) {
    text += printable(snippet.slice(at, start)) + style('bold', printable(snippet.slice(start, end)));
    at = end;
  }
  return text + printable(snippet.slice(at));
}
