import ignore, { type Ignore } from 'ignore';
import { posix } from 'node:path';
import { YonderError } from '../../../protocol/errors.ts';
import { readFile } from './files.ts';
import type { Roots } from './roots.ts';

/** The .gitignore files from the root of a search down to one folder; a deeper one overrules. */
export class IgnoreRules {
  readonly #layers: readonly { readonly folder: string; readonly rules: Ignore }[];

  constructor(layers: readonly { readonly folder: string; readonly rules: Ignore }[] = []) {
    this.#layers = layers;
  }

  /** These rules and those of the folder's own .gitignore, if it has one that can be read. */
  async below(roots: Roots, folder: string): Promise<IgnoreRules> {
    try {
      const { bytes } = await readFile(roots, posix.join(folder, '.gitignore'));
      const rules = ignore().add(Buffer.from(bytes).toString('utf8'));
      return new IgnoreRules([...this.#layers, { folder, rules }]);
    } catch (error) {
      // No .gitignore, or one that is a folder, a link to outside or not ours to read, makes no rule.
      if (error instanceof YonderError) return this;
      throw error;
    }
  }

  ignores(path: string, isFolder: boolean): boolean {
    let ignored = false;
    for (const { folder, rules } of this.#layers) {
      const below = posix.relative(folder, path);
      if (below === '') continue;
      const verdict = rules.test(isFolder ? `${below}/` : below);
      if (verdict.ignored) ignored = true;
      else if (verdict.unignored) ignored = false;
    }
    return ignored;
  }
}

/** The rules that hold in `folder`, from `top` down, and none when they would leave out the folder itself. */
export async function rulesFor(roots: Roots, top: string, folder: string): Promise<IgnoreRules> {
  let rules = new IgnoreRules();
  let current = top;
  for (const name of posix.relative(top, folder).split('/')) {
    if (name === '') break;
    rules = await rules.below(roots, current);
    current = posix.join(current, name);
    if (rules.ignores(current, true)) return new IgnoreRules();
  }
  return rules;
}
