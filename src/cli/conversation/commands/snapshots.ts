import { snapshotsText } from '../../render/snapshots.ts';
import { looking } from '../../request-context.ts';
import type { SlashCommand } from './command.ts';

export const SNAPSHOTS: SlashCommand = {
  name: 'snapshots',
  usage: '',
  about: 'the turns that changed files, for /reset N',
  anytime: true,
  async run(talk) {
    const listed = await talk.runtime().snapshots(looking(), {});
    talk.note(snapshotsText(listed, talk.runtime().session_id, talk.style, talk.server).trimEnd());
  },
};
