import { posix } from 'node:path';
import { YonderError } from '../../protocol/errors.ts';
import type { Workspace } from '../../protocol/workspace.ts';
import { closest } from '../closest.ts';

/** Runs what needs a file, and where there is no such file says which names are near it. */
export async function withNearNames<Result>(
  workspace: Workspace,
  path: string,
  run: () => Promise<Result>,
): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof YonderError) || error.code !== 'not_found') throw error;
    const hint = await hintFor(workspace, path);
    throw new YonderError('not_found', `${path} does not exist${hint}`, { cause: error });
  }
}

async function hintFor(workspace: Workspace, path: string): Promise<string> {
  const folder = posix.dirname(path);
  try {
    const { entries } = await workspace.list(folder);
    const names = closest(
      posix.basename(path),
      entries.map(({ name }) => name),
      3,
    );
    if (names.length === 0) return `; list_directory shows what is in ${folder}`;
    return `; near it: ${names.map((name) => posix.join(folder, name)).join(', ')}`;
  } catch (error) {
    if (error instanceof YonderError) return `; nor can its folder ${folder} be listed`;
    throw error;
  }
}
