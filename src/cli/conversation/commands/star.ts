import { changing, looking } from '../../request-context.ts';
import type { SlashCommand } from './command.ts';

export const star: SlashCommand = {
  name: 'star',
  usage: '',
  about: 'give the session a star, or take it away',
  anytime: true,
  async run(talk) {
    const { session } = await talk.runtime().open(looking(), {});
    const { starred } = await talk.runtime().setStarred(changing(), { starred: !session.starred });
    talk.note(starred ? 'it has a star now' : 'it has no star any more');
  },
};
