import { Credentials } from '../config/credentials/credentials.ts';
import { keyFileIn } from '../config/credentials/key-file.ts';
import type { Places } from './places.ts';
import type { Io } from './terminal/io.ts';
import { printable } from './terminal/style.ts';

/** The person's keys that are in no variable; every value that is found is known to what writes things down before it is used. */
export function keysFor(places: Places, io: Io, helper: readonly string[]): Credentials {
  return new Credentials({
    file: keyFileIn(places.config),
    helper,
    env: io.env,
    openKeyring: async () => (await import('../config/credentials/keyring.ts')).openKeyring(),
    onValue: (name, value) => io.secrets?.add(name, value),
    onProblem: (message) => io.stderr.write(`warning: ${printable(message)}\n`),
  });
}
