import {
  type Keyring,
  type KeyringPackage,
  openKeyring,
} from '../../../../src/config/credentials/keyring.ts';

/** A keyring behind the package's own face, since none runs here. */
export function fakeKeyring(
  kept: Record<string, string>,
  { forgets = false } = {},
): { kept: Record<string, string>; open: () => Promise<Keyring>; opened(): number } {
  let opened = 0;
  class AsyncEntry {
    readonly #name: string;
    constructor(service: string, user: string, options?: { linux?: { store?: string } }) {
      if (service !== 'yonder' || options?.linux?.store !== 'secret-service')
        throw new Error('another store');
      this.#name = user;
    }
    getPassword(): Promise<string | null> {
      return Promise.resolve(kept[this.#name] ?? null);
    }
    setPassword(value: string): Promise<void> {
      if (!forgets) kept[this.#name] = value;
      return Promise.resolve();
    }
    deleteCredential(): Promise<boolean> {
      const had = this.#name in kept;
      delete kept[this.#name];
      return Promise.resolve(had);
    }
  }
  const face: KeyringPackage = { AsyncEntry };
  return {
    kept,
    open: () => {
      opened += 1;
      return openKeyring(() => Promise.resolve(face));
    },
    opened: () => opened,
  };
}
