import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../process/atomic-file.ts';
import { YonderError } from '../protocol/errors.ts';
import { checkModes } from './file-modes.ts';
import { whileLocked } from './locked.ts';
import { readConfigText } from './read-config-text.ts';

const remoteSchema = z.strictObject({ url: z.string(), token: z.string().optional() });
const remotesSchema = z.record(z.string(), remoteSchema);

/** A server that a person named: where it is, and its token where one was given. */
export type KeptRemote = z.infer<typeof remoteSchema>;
export type KeptRemotes = Readonly<Record<string, KeptRemote>>;

/** What a name of a server may be: no URL and no path. */
export const REMOTE_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;

/** The file of these names in the config folder: 0600, since it holds tokens. */
export function remotesFileIn(configFolder: string): string {
  return join(configFolder, 'remotes.json');
}

/** What was kept; a missing file is none. `invalid_request` for a file that is broken, or that others can read. */
export async function readRemotes(file: string): Promise<KeptRemotes> {
  await checkModes(file, { secret: true });
  const text = await readConfigText(file);
  if (text === '') return {};
  try {
    return remotesSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new YonderError(
      'invalid_request',
      `${file} is not a list of remote servers; delete it, and add them again with: yonder remote add`,
      { cause },
    );
  }
}

/** Keeps a server under a name; one that has the name already is replaced. True where it was new. */
export async function keepRemote(file: string, name: string, remote: KeptRemote): Promise<boolean> {
  let isNew = true;
  await change(file, (remotes) => {
    isNew = !Object.hasOwn(remotes, name);
    return { ...remotes, [name]: remote };
  });
  return isNew;
}

/** Takes a name back; false where there was none. */
export async function forgetRemote(file: string, name: string): Promise<boolean> {
  if (!Object.hasOwn(await readRemotes(file), name)) return false;
  await change(file, (remotes) =>
    Object.fromEntries(Object.entries(remotes).filter(([kept]) => kept !== name)),
  );
  return true;
}

async function change(file: string, edit: (remotes: KeptRemotes) => KeptRemotes): Promise<void> {
  await whileLocked(file, `${file}.lock`, async () => {
    const remotes = edit(await readRemotes(file));
    await writeFileAtomic(file, `${JSON.stringify(remotes, undefined, 2)}\n`);
  });
}
