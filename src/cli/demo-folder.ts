import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { YonderError } from '../protocol/errors.ts';

/** The demo's files in the package: this code lies in its dist/, or in a clone's src/. */
export function demoFolder(): string {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    const found = join(folder, 'examples', 'demo');
    if (existsSync(join(found, 'cassette.yaml'))) return found;
    if (folder === dirname(folder))
      throw new YonderError('not_found', 'this installation lacks examples/demo; install it again');
  }
}
