import { changing, looking } from '../../request-context.ts';
import type { SlashCommand } from './command.ts';

/** `!cmd`: no slash command, but it is run like one. */
export const ownShell: SlashCommand = {
  name: '!',
  usage: 'COMMAND',
  about: 'run a command yourself',
  anytime: false,
  async run(talk, argument) {
    const { as_of } = await talk.runtime().open(looking(), {});
    const { run_id } = await talk.runtime().shell(changing(), { command: argument });
    await talk.watch(run_id, as_of);
  },
};
