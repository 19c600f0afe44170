import { keyFrom, storeKey } from '../../config/credentials/store-key.ts';
import { YonderError } from '../../protocol/errors.ts';
import { CommandFault } from '../command-fault.ts';
import type { PlaceFlags } from '../flags/run-flags.ts';
import { readStdin } from '../run/messages.ts';
import { askSecret } from '../terminal/ask-secret.ts';
import { canAsk, type Io } from '../terminal/io.ts';
import { Output } from '../terminal/output.ts';
import { keyPlaces, type OpenKeyring, systemKeyring, variableFor } from './auth-places.ts';

export interface LoginFlags extends PlaceFlags {
  file?: boolean;
  keyring?: boolean;
}

/** `yonder auth login <provider> [--file | --keyring]`: the key is typed unseen, or comes from stdin. */
export async function login(
  provider: string,
  flags: LoginFlags,
  io: Io,
  openKeyring: OpenKeyring = systemKeyring,
): Promise<number> {
  if (flags.file === true && flags.keyring === true)
    throw new YonderError('invalid_request', '--file and --keyring cannot stand together; keep one of them');
  const output = new Output(io);
  const variable = variableFor(provider);
  const places = keyPlaces(flags, io, openKeyring);
  const key = keyFrom(await readKey(variable, io, output));
  io.secrets?.add(variable, key);
  const wanted = flags.file === true ? 'file' : flags.keyring === true ? 'keyring' : 'either';
  const { where, why } = await storeKey(variable, key, places, wanted);
  if (why !== undefined) output.note(`not in the keyring: ${why}`);
  await output.text(
    `${variable}: kept in ${where === 'keyring' ? 'the keyring' : `${places.file}, which you alone can read`}\n`,
  );
  if ((io.env[variable] ?? '') !== '')
    output.note(`${variable} is set in the environment, too, and that counts first`);
  return 0;
}

async function readKey(variable: string, io: Io, output: Output): Promise<string> {
  if (!canAsk(io)) return readStdin(io, 'a key');
  let interrupted = false;
  const leave = new AbortController();
  const typed = await askSecret(io, output, `${variable} (it does not show): `, {
    signal: leave.signal,
    onInterrupt: () => {
      interrupted = true;
      leave.abort();
    },
  });
  if (interrupted) throw new CommandFault(130);
  return typed ?? '';
}
