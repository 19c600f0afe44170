import { forkLines } from '../../render/fork.ts';
import { changing } from '../../request-context.ts';
import type { SlashCommand } from './command.ts';

export const fork: SlashCommand = {
  name: 'fork',
  usage: '[TURN]',
  about: 'another session that begins with what was said so far, or up to a turn',
  anytime: true,
  async run(talk, argument) {
    const forked = await talk.runtime().fork(changing(), argument === '' ? {} : { at: argument });
    for (const line of forkLines(forked, talk.server)) talk.note(line);
  },
};
