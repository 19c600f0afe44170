import { parseEnv } from 'node:util';
import type { KeptReads } from '../../process/kept-reads.ts';
import { YonderError } from '../../protocol/errors.ts';

/** Bytes; nobody has so many variables. */
const LIMIT = 1024 * 1024;

/** The variables of `--env-from-file` files; a later file wins. Their values stay in memory. */
export async function readEnvFiles(
  paths: readonly string[],
  read: KeptReads['read'],
  signal?: AbortSignal,
): Promise<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const path of paths) Object.assign(values, parseEnv(await readText(path, read, signal)));
  return values;
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
