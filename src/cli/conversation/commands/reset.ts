import { filesText } from '../../render/taken-back.ts';
import { changing, looking } from '../../request-context.ts';
import type { SlashCommand, Talk } from './command.ts';

export const RESET: SlashCommand = {
  name: 'reset',
  usage: '[N]',
  about: 'go back to snapshot N of /snapshots, or to the beginning of the session',
  anytime: false,
  run: reset,
  words: numbers,
};

async function reset(talk: Talk, argument: string): Promise<void> {
  const at = argument.replace(/^#/, '');
  const { files, removed } = await talk.runtime().reset(changing(), at === '' ? {} : { at });
  const where = at === '' || at === '0' ? 'the beginning' : at;
  talk.note(`back to ${where}: ${filesText(files)} and ${removed.length} messages taken back`);
}

async function numbers(talk: Talk): Promise<string[]> {
  const { snapshots } = await talk.runtime().snapshots(looking(), {});
  return snapshots.flatMap(({ snapshot, undone }) => (snapshot > 0 && !undone ? [String(snapshot)] : []));
}
