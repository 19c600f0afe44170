import { extname } from 'node:path';
import { YonderError } from '../../protocol/errors.ts';
import { looking } from '../request-context.ts';
import { checkTarget, writeExport } from '../run/results.ts';
import type { Io } from '../terminal/io.ts';
import { type LookFlags, withBackend } from './with-backend.ts';

const FORMATS = ['json', 'markdown', 'html'] as const;
export type ExportFormat = (typeof FORMATS)[number];

const BY_ENDING: Readonly<Record<string, ExportFormat>> = {
  '.json': 'json',
  '.md': 'markdown',
  '.markdown': 'markdown',
  '.html': 'html',
  '.htm': 'html',
};

/** `yonder sessions export <session> [--format FORMAT] [-o FILE]` */
export function exportSession(
  session: string,
  flags: LookFlags & { format?: string; output?: string },
  io: Io,
): Promise<number> {
  return withBackend(flags, io, { readOnly: true }, async (backend, output) => {
    const format = exportFormat(flags.format, flags.output);
    const target =
      flags.output === undefined ? undefined : await checkTarget('--output', io.cwd, flags.output);
    const { text } = await backend.session(session).exportSession(looking(), { format });
    if (target === undefined) await output.text(text);
    else {
      await writeExport(target, text);
      output.note(`written: ${target}`);
    }
    return 0;
  });
}

/** What `--format` says, else the ending of the file, else Markdown. */
export function exportFormat(said: string | undefined, file: string | undefined): ExportFormat {
  if (said === undefined) return BY_ENDING[extname(file ?? '').toLowerCase()] ?? 'markdown';
  const format = FORMATS.find((one) => one === said);
  if (format !== undefined) return format;
  throw new YonderError('invalid_request', `--format: ${said} is no format; take json, markdown or html`);
}
