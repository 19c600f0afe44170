import { parseEnv } from 'node:util';
import type { KeptReads } from '../../process/kept-reads.ts';
import { YonderError } from '../../protocol/errors.ts';

/** Bytes; nobody has so many variables. */
const LIMIT = 1024 * 1024;

/** The variables of `--env-from-file` files; a later file wins. Their values stay in memory. A line that is none is an error, not passed over. */
export async function readEnvFiles(
  paths: readonly string[],
  read: KeptReads['read'],
  signal?: AbortSignal,
): Promise<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const path of paths) {
    const text = await readText(path, read, signal);
    checkLines(path, text);
    Object.assign(values, parseEnv(text));
  }
  return values;
}

/** Throws `invalid_request` for the first line that is neither `NAME=value`, a comment nor empty, without a word of it: it may be a key. */
function checkLines(path: string, text: string): void {
  // Quoted values may go over lines; what is left of one is its line ends.
  const flat = text.replace(/=[ \t]*(["'`])[^]*?\1/g, (value) => `=${value.replace(/[^\n]/g, '')}`);
  const lines = flat.replace(/^\ufeff/, '').split('\n');
  const bad = lines.findIndex((line) => !/^\s*(?:#.*|(?:export\s+)?[A-Za-z_][\w.-]*\s*=.*)?\s*$/.test(line));
  if (bad === -1) return;
  throw new YonderError(
    'invalid_request',
    `--env-from-file: ${path}:${bad + 1}:1: this line is no NAME=value`,
  );
}

async function readText(
  path: string,
  read: KeptReads['read'],
  signal: AbortSignal | undefined,
): Promise<string> {
  try {
    return Buffer.from(await read(path, { signal, limit: LIMIT })).toString('utf8');
  } catch (cause) {
    throw new YonderError('invalid_request', `--env-from-file: ${path} cannot be read (${codeOf(cause)})`, {
      cause,
    });
  }
}

/** `ENOENT` and the like, for messages. */
export function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
}
