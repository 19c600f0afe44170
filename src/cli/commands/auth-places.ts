import { keyFileIn } from '../../config/credentials/key-file.ts';
import type { Keyring } from '../../config/credentials/keyring.ts';
import type { KeyPlaces } from '../../config/credentials/store-key.ts';
import { YonderError } from '../../protocol/errors.ts';
import { builtInProvider, PROVIDER_IDS } from '../../protocol/providers.ts';
import { withEnvironment } from '../flags/environment.ts';
import type { PlaceFlags } from '../flags/run-flags.ts';
import { placesOf } from '../places.ts';
import type { Io } from '../terminal/io.ts';

/** Opens the system's keyring; tests bring one of their own. */
export type OpenKeyring = () => Promise<Keyring>;

export const systemKeyring: OpenKeyring = async () =>
  (await import('../../config/credentials/keyring.ts')).openKeyring();

export function keyPlaces(flags: PlaceFlags, io: Io, openKeyring: OpenKeyring): KeyPlaces {
  return { file: keyFileIn(placesOf(withEnvironment(flags, io.env), io).config), openKeyring };
}

/** The variable of a provider, or the variable that was named itself: a team's own provider has one, too. */
export function variableFor(provider: string): string {
  const variable = builtInProvider(provider)?.token_key;
  if (variable !== undefined) return variable;
  // No key has this form, so that one that was typed here is not said again.
  if (/^[A-Z][A-Z0-9_]*$/.test(provider)) return provider;
  const withKey = PROVIDER_IDS.filter((id) => builtInProvider(id)?.token_key !== undefined);
  throw new YonderError(
    'invalid_request',
    PROVIDER_IDS.some((id) => id === provider)
      ? `the provider ${provider} needs no key`
      : `that is neither a provider (${withKey.join(', ')}) nor the name of a variable, such as MY_KEY; the key itself is asked for, never typed here`,
  );
}
