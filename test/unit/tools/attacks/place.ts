import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { YonderError } from '../../../../src/protocol/errors.ts';
import { bench, type Bench } from '../support.ts';

/** A workspace, and beside it what nobody may reach. */
export interface Place extends Bench {
  outside: string;
  /** Done when the attack is over. */
  after(act: () => void): void;
}

/**
 * Gives each attack the same folders anew: a workspace with `a.txt`, `d/e/f` and nothing else; outside of it files that all have the word
 * SECRET. Fails when one of these was touched.
 */
export async function openPlaces(
  walk_descriptors: boolean,
): Promise<<Result>(attack: (place: Place) => Promise<Result>) => Promise<Result>> {
  const made = await bench([{ type: 'filesystem', options: {} }], { walk_descriptors });
  const { root } = made;
  const outside = join(root, '..', 'work-outside');
  return async (attack) => {
    fillWorkspace(root);
    fillOutside(outside);
    const before = contentsOf(outside);
    const cleanups: (() => void)[] = [];
    try {
      const result = await attack({ ...made, outside, after: (act) => void cleanups.push(act) });
      expect(contentsOf(outside)).toEqual(before);
      return result;
    } finally {
      for (const cleanup of cleanups) cleanup();
      for (const name of readdirSync(root)) rmSync(join(root, name), { recursive: true });
      rmSync(outside, { recursive: true });
    }
  };
}

function fillWorkspace(root: string): void {
  mkdirSync(join(root, 'd', 'e'), { recursive: true });
  writeFileSync(join(root, 'a.txt'), 'needle a');
  writeFileSync(join(root, 'd', 'e', 'f'), 'needle f');
}

function fillOutside(outside: string): void {
  mkdirSync(join(outside, 'sub'), { recursive: true });
  writeFileSync(join(outside, 'secret'), 'SECRET needle');
  writeFileSync(join(outside, 'sub', 'f'), 'SECRET needle');
}

/** Everything below a folder, with what is in it. */
function contentsOf(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted();
  return Object.fromEntries(
    names.map((name) => {
      const path = join(folder, name);
      return [name, statSync(path).isFile() ? readFileSync(path, 'utf8') : 'folder'];
    }),
  );
}

export const USES = ['read', 'list', 'search', 'edit', 'write', 'remove'] as const;
export type Use = (typeof USES)[number];

/** What the runner says: the code of its error, or what came of it. */
export async function tryOnRunner({ workspace }: Place, use: Use, path: string): Promise<string> {
  try {
    if (use === 'read') return Buffer.from((await workspace.readFile(path)).bytes).toString();
    if (use === 'list')
      return (await workspace.list(path)).entries.map(({ name }) => name).join(' ') || 'nothing';
    if (use === 'search') {
      const { matches } = await workspace.search({ path, query: 'needle', limit: 10 });
      return matches.map(({ text }) => text).join(' ') || 'nothing';
    }
    if (use === 'remove') {
      await workspace.remove(path);
      return 'removed';
    }
    if (use === 'edit') {
      const { digest } = await workspace.readFile(path, { digest: true });
      await workspace.writeFile(path, Buffer.from('edited'), { if_match: digest ?? null });
      return 'edited';
    }
    return (await workspace.writeFile(path, Buffer.from('w'))).created ? 'made' : 'replaced';
  } catch (error) {
    if (error instanceof YonderError) return error.code;
    throw error;
  }
}

const TOOLS: Record<Use, (path: string) => readonly [name: string, args: unknown]> = {
  read: (path) => ['read_file', { path }],
  list: (path) => ['list_directory', { path }],
  search: (path) => ['search_files_content', { path, query: 'needle' }],
  edit: (path) => ['edit_file', { path, edits: [{ oldText: 'needle', newText: 'edited' }] }],
  write: (path) => ['write_file', { path, content: 'w' }],
  remove: (path) => ['remove_directory', { paths: [path] }],
};

/** The same as a model asks for it. */
export async function tryTool(
  { run }: Place,
  use: Use,
  path: string,
): Promise<{ output: string; failed: boolean }> {
  const [name, args] = TOOLS[use](path);
  const { output, is_error = false } = await run(name, args);
  return { output, failed: is_error };
}
