import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { YonderError } from '../../../protocol/errors.ts';
import type { GrammarFiles } from './grammar.ts';

const PARSER = 'web-tree-sitter.wasm';
const BASH = 'tree-sitter-bash.wasm';

/**
 * Finds the two files: beside `base` (the built program copies them next to its chunks), else in the installed
 * packages. `base` is the URL of the module that asks. Throws `internal` that names the file.
 */
export async function readGrammarFiles(base: string = import.meta.url): Promise<GrammarFiles> {
  const [parser, bash] = await Promise.all([
    readFirst(base, PARSER, `web-tree-sitter/${PARSER}`),
    readFirst(base, BASH, `tree-sitter-bash/${BASH}`),
  ]);
  return { parser, bash };
}

async function readFirst(base: string, name: string, specifier: string): Promise<Uint8Array> {
  try {
    return await readFile(fileURLToPath(new URL(`./${name}`, base)));
  } catch (besideError) {
    try {
      return await readFile(fileURLToPath(import.meta.resolve(specifier)));
    } catch (error) {
      const cause = new AggregateError([besideError, error]);
      throw new YonderError(
        'internal',
        `${name} is neither beside the program nor installed; install it again.`,
        {
          cause,
        },
      );
    }
  }
}
