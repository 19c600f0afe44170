import { Credentials } from '../../config/credentials/credentials.ts';
import { readKeys } from '../../config/credentials/key-file.ts';
import { readUserConfig } from '../../config/user-config.ts';
import { builtInProvider, PROVIDER_IDS } from '../../protocol/providers.ts';
import { withEnvironment } from '../flags/environment.ts';
import { placesOf } from '../places.ts';
import { reservedNames } from '../reserved-names.ts';
import type { Io } from '../terminal/io.ts';
import { Output } from '../terminal/output.ts';
import { keyPlaces, type OpenKeyring, systemKeyring, variableFor } from './auth-places.ts';
import type { LookFlags } from './with-backend.ts';

/** `yonder auth status [provider] [--json]`: where each key comes from; never a key. */
export async function authStatus(
  provider: string | undefined,
  flags: LookFlags,
  io: Io,
  openKeyring: OpenKeyring = systemKeyring,
): Promise<number> {
  const output = new Output(io);
  const places = keyPlaces(flags, io, openKeyring);
  const { configFile } = placesOf(withEnvironment(flags, io.env), io);
  const { credential_helper } = await readUserConfig(configFile, { reserved: reservedNames(io) });
  const credentials = new Credentials({
    ...places,
    helper: credential_helper,
    env: io.env,
    onValue: (name, value) => io.secrets?.add(name, value),
    onProblem: (message) => output.note(`warning: ${message}`),
  });
  const variables = provider === undefined ? await knownVariables(places.file) : [variableFor(provider)];
  const isSet = (name: string): boolean => (io.env[name] ?? '').trim() !== '';
  const unset = variables.filter((name) => !isSet(name));
  // A helper may want a finger on a key, or a second, each time: it is asked for what was named.
  await (provider === undefined ? credentials.glance(unset) : credentials.resolve(unset));
  for (const variable of variables) {
    const origin = isSet(variable) ? 'environment' : credentials.origin(variable);
    const helperFirst = origin !== 'environment' && credentials.helperFirst(variable);
    const unasked = helperFirst || credentials.unasked(variable);
    const from = `from the ${origin?.replace('_', ' ') ?? ''}`;
    const found = helperFirst ? `${from}, unless the credential helper, not asked, has another` : from;
    const nowhere = unasked ? 'not asked: the credential helper' : 'no key';
    await output.text(
      flags.json === true
        ? `${JSON.stringify({ variable, providers: providersOf(variable), ...(origin === undefined ? {} : { origin }), ...(unasked ? { helper_asked: false } : {}) })}\n`
        : `${variable}  ${origin === undefined ? nowhere : found}${shownProviders(variable)}\n`,
    );
  }
  return 0;
}

async function knownVariables(file: string): Promise<string[]> {
  const ofProviders = PROVIDER_IDS.flatMap((id) => builtInProvider(id)?.token_key ?? []);
  return [...new Set([...ofProviders, ...Object.keys(await readKeys(file))])];
}

function providersOf(variable: string): string[] {
  return PROVIDER_IDS.filter((id) => builtInProvider(id)?.token_key === variable);
}

function shownProviders(variable: string): string {
  const providers = providersOf(variable);
  return providers.length === 0 ? '' : `  (${providers.join(', ')})`;
}
