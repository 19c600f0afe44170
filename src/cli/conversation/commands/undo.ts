import { filesText } from '../../render/taken-back.ts';
import { changing } from '../../request-context.ts';
import { oneLine } from '../../terminal/style.ts';
import type { SlashCommand, Talk } from './command.ts';

export const UNDO: SlashCommand = {
  name: 'undo',
  usage: '',
  about: 'take back your last message, what was answered, and what it did to the files',
  anytime: false,
  run: undo,
};

async function undo(talk: Talk): Promise<void> {
  const { files, text } = await talk.runtime().undo(changing(), {});
  talk.note(`taken back: ${filesText(files)}, and what came of: ${oneLine(text, 60)}`);
}
