import { lstat, readFile, readlink, stat } from 'node:fs/promises';
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
    if (code === 'ENOENT') return whereNone(path);
    throw new YonderError('invalid_request', `the configuration ${path} cannot be read (${code})`, { cause });
  }
}

/** No file is an empty one; a link that leads to none was meant to be one. */
async function whereNone(path: string): Promise<string> {
  const link = await lstat(path).catch((cause: unknown) => {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw cause;
  });
  if (link?.isSymbolicLink() !== true) return '';
  throw new YonderError(
    'invalid_request',
    `the configuration ${path} is a link to ${await readlink(path)}, which is not there; make that file, or remove the link`,
  );
}
