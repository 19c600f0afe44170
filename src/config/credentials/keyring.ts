import { setTimeout as delay } from 'node:timers/promises';
import { UnsupportedError } from '../../protocol/errors.ts';

/** The system's keyring, as far as keys need it. Every method rejects with UnsupportedError where there is none. */
export interface Keyring {
  get(name: string): Promise<string | undefined>;
  set(name: string, value: string): Promise<void>;
  /** False where there was none. */
  delete(name: string): Promise<boolean>;
}

/** What of `@napi-rs/keyring` is used. */
export interface KeyringPackage {
  AsyncEntry: new (
    service: string,
    user: string,
    options?: { linux?: { store?: 'secret-service' | 'keyutils' } },
  ) => {
    getPassword(signal?: AbortSignal): Promise<string | null | undefined>;
    setPassword(value: string, signal?: AbortSignal): Promise<void>;
    deleteCredential(signal?: AbortSignal): Promise<boolean>;
  };
}

const PACKAGE = '@napi-rs/keyring';
const PATIENCE_MS = 10_000;

/** The keyring by the optional package, loaded now. On Linux the Secret Service alone: the kernel's keyring is gone after a reboot. */
export async function openKeyring(
  load: () => Promise<KeyringPackage> = () => import('@napi-rs/keyring'),
): Promise<Keyring> {
  const { AsyncEntry } = await load().catch((cause: unknown) => {
    throw new UnsupportedError(
      'the keyring',
      `here: the package ${PACKAGE} cannot be loaded (npm install ${PACKAGE}, or use --file)`,
      { cause },
    );
  });
  const asked = async <Value>(
    name: string,
    act: (entry: InstanceType<KeyringPackage['AsyncEntry']>, signal: AbortSignal) => Promise<Value>,
  ): Promise<Value> => {
    const leave = new AbortController();
    const late = delay(PATIENCE_MS, undefined, { signal: leave.signal }).then(() => {
      throw new Error('it did not answer');
    });
    try {
      const entry = new AsyncEntry('yonder', name, { linux: { store: 'secret-service' } });
      return await Promise.race([act(entry, leave.signal), late]);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new UnsupportedError('the keyring', `here (${PACKAGE}: ${why})`, { cause });
    } finally {
      late.catch(() => undefined); // it ends with the abort
      leave.abort();
    }
  };
  return {
    get: (name) => asked(name, async (entry, signal) => (await entry.getPassword(signal)) ?? undefined),
    set: (name, value) => asked(name, (entry, signal) => entry.setPassword(value, signal)),
    delete: (name) => asked(name, (entry, signal) => entry.deleteCredential(signal)),
  };
}
