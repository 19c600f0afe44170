import { readFile, stat } from 'node:fs/promises';
import { YonderError } from '../protocol/errors.ts';

/** Configuration is written by hand; more than this is no configuration. */
const MAX_BYTES = 1024 * 1024;

/** The text of the file; empty where there is none. */
export async function readConfigText(path: string): Promise<string> {
  try {
    const status = await stat(path);
    if (status.isFIFO()) {
      // A thread that waited for its writer would keep the process from ending.
      throw new YonderError('invalid_request', `the configuration ${path} is a pipe, not a regular file`);
    }
    if (status.size > MAX_BYTES) {
      throw new YonderError(
        'invalid_request',
        `the configuration ${path} is over 1 MiB; it holds settings alone`,
      );
    }
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof YonderError) throw cause;
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    if (code === 'ENOENT') return '';
    throw new YonderError('invalid_request', `the configuration ${path} cannot be read (${code})`, { cause });
  }
}
