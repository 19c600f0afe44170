import { toYonderError } from '../../protocol/errors.ts';
import { askHelper } from './helper.ts';
import { readKeys, type KeptKeys } from './key-file.ts';
import type { Keyring } from './keyring.ts';

/** Where a key was found that is in no variable. */
export type KeyOrigin = 'credential_helper' | 'keyring' | 'file';

export interface CredentialsOptions {
  /** The file of keys, and of the note which are in the keyring. */
  file: string;
  /** Empty: none. */
  helper: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
  openKeyring: () => Promise<Keyring>;
  /** Told of every value before anybody can use it: what is written down is cleaned of it (R30). */
  onValue(name: string, value: string): void;
  /** Told why a key that is nowhere may be missing. */
  onProblem(message: string): void;
  /** Milliseconds for the helper. */
  within?: number;
}

/** Keys beyond the environment, looked for when they are needed and kept in memory: credential helper, keyring, file, in this order. */
export class Credentials {
  readonly #options: CredentialsOptions;
  readonly #found = new Map<string, { value: string; origin: KeyOrigin }>();
  readonly #asked = new Map<string, Promise<void>>();
  readonly #unasked = new Set<string>();
  #kept: Promise<KeptKeys> | undefined;
  #keyring: Promise<Keyring> | undefined;

  constructor(options: CredentialsOptions) {
    this.#options = options;
  }

  /** Looks for the keys of these variables; after it `value` and `origin` answer. Each is looked for once. */
  async resolve(names: readonly string[]): Promise<void> {
    // Another name could mean something else to a helper, such as a flag.
    const variables = names.filter((name) => /^[A-Za-z_]\w*$/.test(name));
    await Promise.all(
      variables.map((name) => {
        const asked = this.#asked.get(name) ?? this.#look(name);
        this.#asked.set(name, asked);
        return asked;
      }),
    );
  }

  /** The same without the helper, for what only lists where keys are: a helper may ask a person, or take its time, for each. */
  async glance(names: readonly string[]): Promise<void> {
    for (const name of names) {
      if (this.#asked.has(name)) continue;
      const found = await this.#lookKept(name);
      if (!found && this.#options.helper.length > 0) this.#unasked.add(name);
    }
  }

  /** Whether only the helper could say if there is a key, and it was not asked. */
  unasked(name: string): boolean {
    return this.#unasked.has(name) && !this.#asked.has(name);
  }

  /** Whether the helper, which was not asked, may have another key than the one that was found. */
  helperFirst(name: string): boolean {
    return this.#options.helper.length > 0 && this.#found.has(name) && !this.#asked.has(name);
  }

  value(name: string): string | undefined {
    return this.#found.get(name)?.value;
  }

  origin(name: string): KeyOrigin | undefined {
    return this.#found.get(name)?.origin;
  }

  /** Every value that was found. */
  secrets(): string[] {
    return [...this.#found.values()].map(({ value }) => value);
  }

  async #look(name: string): Promise<void> {
    const { helper, env, within, onProblem } = this.#options;
    const times = within === undefined ? {} : { within };
    const told = await askHelper(name, { command: helper, env, ...times });
    if (told.value !== undefined) return this.#keep(name, told.value, 'credential_helper');
    if (await this.#lookKept(name)) return;
    if (told.problem !== undefined)
      onProblem(`credential_helper: ${told.problem} for ${name}; what it printed is not shown`);
  }

  /** Whether the file or the keyring has it. */
  async #lookKept(name: string): Promise<boolean> {
    this.#kept ??= readKeys(this.#options.file);
    const kept = (await this.#kept)[name];
    if (kept === undefined) return false;
    if (!('value' in kept)) return this.#fromKeyring(name);
    this.#keep(name, kept.value, 'file');
    return true;
  }

  async #fromKeyring(name: string): Promise<boolean> {
    try {
      this.#keyring ??= this.#options.openKeyring();
      const value = await (await this.#keyring).get(name);
      if (value === undefined || value === '') {
        this.#options.onProblem(`the keyring has no key for ${name} any more; log in again`);
        return false;
      }
      this.#keep(name, value, 'keyring');
      return true;
    } catch (thrown) {
      this.#options.onProblem(`the key for ${name} is in the keyring: ${toYonderError(thrown).message}`);
      return false;
    }
  }

  #keep(name: string, value: string, origin: KeyOrigin): void {
    this.#options.onValue(name, value);
    this.#found.set(name, { value, origin });
  }
}
