import { resolve } from 'node:path';
import { addFolderRule } from '../../config/folder-rules.ts';
import { YonderError } from '../../protocol/errors.ts';
import { explainPattern } from '../../runtime/decisions/patterns.ts';
import { withEnvironment } from '../flags/environment.ts';
import type { PlaceFlags } from '../flags/run-flags.ts';
import { placesOf } from '../places.ts';
import type { Io } from '../terminal/io.ts';
import { Output } from '../terminal/output.ts';

export interface AddFlags extends PlaceFlags {
  askFor?: boolean;
  deny?: boolean;
  folder?: string;
}

/** `yonder permissions add <pattern> [--ask-for | --deny] [--folder F]` */
export async function addPermission(pattern: string, flags: AddFlags, io: Io): Promise<number> {
  if (flags.askFor === true && flags.deny === true) {
    throw new YonderError('invalid_request', '--ask-for and --deny cannot stand together; keep one of them');
  }
  const { meaning, warnings } = explainPattern(pattern);
  const folder = resolve(io.cwd, flags.folder ?? '.');
  const kind = flags.deny === true ? 'deny' : flags.askFor === true ? 'ask' : 'allow';
  const added = await addFolderRule(
    placesOf(withEnvironment(flags, io.env), io).configFile,
    folder,
    kind,
    pattern,
  );
  const output = new Output(io);
  for (const warning of warnings) output.note(`warning: ${warning}`);
  await output.text(`${folder}: ${added ? kind : `${kind} stands there already:`} ${pattern} (${meaning})\n`);
  return 0;
}
