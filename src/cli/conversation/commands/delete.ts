import { changing, looking } from '../../request-context.ts';
import { oneLine } from '../../terminal/style.ts';
import type { SlashCommand } from './command.ts';

export const deleteCommand: SlashCommand = {
  name: 'delete',
  usage: '[yes]',
  about: 'delete this session with all that it holds, and leave; asks first',
  anytime: false,
  async run(talk, argument) {
    const { session } = await talk.runtime().open(looking(), {});
    if (argument !== 'yes') {
      const title = session.title === '' ? '' : ` "${oneLine(session.title, 60)}"`;
      talk.note(
        `delete session ${session.session_id}${title} with its ${session.num_messages} messages? It cannot be undone. Type: /delete yes`,
      );
      return;
    }
    await talk.backend.deleteSessions(changing(), { session_id: session.session_id });
    talk.note(`deleted ${session.session_id}`);
    talk.forget();
    talk.leave();
  },
};
