import { posix } from 'node:path';
import { YonderError } from '../../protocol/errors.ts';
import type { Workspace } from '../../protocol/workspace.ts';
import { readableText } from './file-kind.ts';

const RULES_LIMIT = 256 * 1024;

type Rules = import('ignore').Ignore;

/** What the .gitignore files of the workspace leave out; `.git` always. Paths are absolute, as the workspace gives them. */
export class Ignored {
  readonly #workspace: Workspace;
  readonly #signal: AbortSignal;
  readonly #rules = new Map<string, Rules | null>();

  constructor(workspace: Workspace, signal: AbortSignal) {
    this.#workspace = workspace;
    this.#signal = signal;
  }

  /** Whether an entry is left out. Its folder is taken as not ignored: a walk comes there from above. */
  async has(folder: string, name: string, isFolder: boolean): Promise<boolean> {
    if (name === '.git') return true;
    const path = posix.join(folder, name);
    let ignored = false;
    for (const owner of this.#ownersOf(folder)) {
      const rules = await this.#rulesOf(owner);
      if (rules === null) continue;
      const verdict = rules.test(`${posix.relative(owner, path)}${isFolder ? '/' : ''}`);
      // A nearer file decides against the ones above it.
      if (verdict.ignored) ignored = true;
      else if (verdict.unignored) ignored = false;
    }
    return ignored;
  }

  /** Folders with a say over `folder`, from the workspace's root down. */
  #ownersOf(folder: string): string[] {
    const { root } = this.#workspace;
    const owners = [folder];
    const below = folder === root || folder.startsWith(root === '/' ? '/' : `${root}/`);
    for (let up = folder; below && up !== root;) {
      up = posix.dirname(up);
      owners.unshift(up);
    }
    return owners;
  }

  async #rulesOf(folder: string): Promise<Rules | null> {
    const known = this.#rules.get(folder);
    if (known !== undefined) return known;
    const rules = await this.#readRules(folder);
    this.#rules.set(folder, rules);
    return rules;
  }

  async #readRules(folder: string): Promise<Rules | null> {
    try {
      const path = posix.join(folder, '.gitignore');
      const { bytes } = await this.#workspace.readFile(path, { length: RULES_LIMIT, signal: this.#signal });
      const { default: ignore } = await import('ignore');
      return ignore().add(readableText(bytes));
    } catch (error) {
      // A folder without rules, or with rules that cannot be read, leaves nothing out.
      if (error instanceof YonderError) return null;
      throw error;
    }
  }
}
