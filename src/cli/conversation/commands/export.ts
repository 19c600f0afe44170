import { exportFormat } from '../../commands/sessions-export.ts';
import { looking } from '../../request-context.ts';
import { checkTarget, writeExport } from '../../run/results.ts';
import type { SlashCommand } from './command.ts';

export const exportCommand: SlashCommand = {
  name: 'export',
  usage: '[FILE]',
  about: 'write the session to a file: .md a transcript, .json everything',
  anytime: true,
  async run(talk, argument) {
    const runtime = talk.runtime();
    const file = argument === '' ? `yonder-${runtime.session_id}.md` : argument;
    const target = await checkTarget('/export', talk.io.cwd, file);
    const { text } = await runtime.exportSession(looking(), { format: exportFormat(undefined, file) });
    await writeExport(target, text);
    talk.note(`written: ${target}`);
  },
};
