import { YonderError } from '../../protocol/errors.ts';
import { changeKeys, readKeys } from './key-file.ts';
import type { Keyring } from './keyring.ts';

export interface KeyPlaces {
  file: string;
  openKeyring: () => Promise<Keyring>;
}

/** `given` as a key: without what surrounds it. Throws `invalid_request` for what cannot be one, without a word of it. */
export function keyFrom(given: string): string {
  const key = given.trim();
  const problem =
    key === ''
      ? 'nothing was given'
      : key.length > 8192
        ? 'it is longer than 8192 characters'
        : /[\s\p{Cc}]/u.test(key)
          ? 'it has blanks or line ends in it'
          : undefined;
  if (problem !== undefined) throw new YonderError('invalid_request', `this is no key: ${problem}`);
  return key;
}

/** Keeps a key where the keyring takes it and gives it back, else in the file. Says where, and why not in the keyring. */
export async function storeKey(
  name: string,
  key: string,
  { file, openKeyring }: KeyPlaces,
  where: 'keyring' | 'file' | 'either',
): Promise<{ where: 'keyring' | 'file'; why?: string }> {
  if (where === 'file') {
    await keepInFile(file, name, key);
    return { where };
  }
  try {
    const keyring = await openKeyring();
    await keyring.set(name, key);
    if ((await keyring.get(name)) !== key)
      throw new YonderError('unavailable', 'the keyring did not give back what it took');
    // First the keyring, then the note of it: between the two there is a key too many, never one too few.
    await changeKeys(file, (keys) => ({ ...keys, [name]: { keyring: true } }));
    return { where: 'keyring' };
  } catch (thrown) {
    if (where === 'keyring') throw thrown;
    await keepInFile(file, name, key);
    return { where: 'file', why: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}

function keepInFile(file: string, name: string, value: string): Promise<void> {
  return changeKeys(file, (keys) => ({ ...keys, [name]: { value } }));
}

/** Takes a key away; `not_found` where there is none. */
export async function forgetKey(name: string, { file, openKeyring }: KeyPlaces): Promise<'keyring' | 'file'> {
  const kept = (await readKeys(file))[name];
  if (kept === undefined)
    throw new YonderError('not_found', `no key is kept for ${name}; see: yonder auth status`);
  const inKeyring = 'keyring' in kept;
  if (inKeyring) await (await openKeyring()).delete(name);
  await changeKeys(file, (keys) =>
    Object.fromEntries(Object.entries(keys).filter(([other]) => other !== name)),
  );
  return inKeyring ? 'keyring' : 'file';
}
