import { YonderError } from '../../../protocol/errors.ts';
import { foundText } from '../../render/found.ts';
import { looking } from '../../request-context.ts';
import type { SlashCommand } from './command.ts';

const SHOWN = 10;

export const search: SlashCommand = {
  name: 'search',
  usage: 'WORDS',
  about: 'sessions in which all these words were said; "in quotes" is a phrase',
  anytime: true,
  async run(talk, argument) {
    if (argument === '')
      throw new YonderError('invalid_request', '/search takes words: /search "rate limit" retry');
    const { sessions, next_page, unindexed } = await talk.backend.searchSessions(looking(), {
      query: argument,
      limit: SHOWN,
    });
    if (sessions.length === 0) talk.note(`nothing was said of ${argument}`);
    for (const found of sessions) talk.note(foundText(found, talk.io.now(), talk.style).trimEnd());
    if (next_page !== undefined) talk.note(talk.style('dim', 'there are more: yonder sessions search'));
    if (unindexed > 0)
      talk.note(talk.style('dim', `${unindexed} older sessions are still being read; search again`));
  },
};
