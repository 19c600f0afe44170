import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { YonderError } from '../../protocol/errors.ts';
import type { HostOptions } from './options.ts';

/** A key file is small; what is larger is none, and would be searched for in all that leaves this process. */
const LARGEST_FILE = 64 * 1024;

interface Session {
  root_id: string;
  variable(name: string): string | undefined;
}

/**
 * The value of a secret reference, on this Host (R17), told to what writes things down before anybody has it (R30): `env:NAME` from the session's
 * environment, `file:PATH` (absolute, or `~/...`) without the line ends behind it, `keyring:NAME` from what is kept for the variable NAME. Throws
 * `env_missing`, `not_found` or `invalid_request`; no message holds a value.
 */
export async function resolveSecret(
  reference: string,
  session: Session,
  options: Pick<HostOptions, 'secrets' | 'keys' | 'env'>,
): Promise<string> {
  const [, kind = '', name = ''] = /^(env|file|keyring):(.+)$/s.exec(reference) ?? [];
  const value = await READERS[kind]?.(name, session, options);
  if (value === undefined) {
    const message = 'a secret is named by env:NAME, file:PATH or keyring:NAME; this is none of them';
    throw new YonderError('invalid_request', message);
  }
  options.secrets?.add(reference, value, session.root_id);
  return value;
}

type Reader = (
  name: string,
  session: Session,
  options: Pick<HostOptions, 'keys' | 'env'>,
) => string | Promise<string>;

const READERS: Readonly<Record<string, Reader>> = {
  env(name, session) {
    const value = session.variable(name) ?? '';
    if (value !== '') return value;
    throw new YonderError('env_missing', `the secret env:${name} is not set`);
  },
  async keyring(name, _session, { keys }) {
    await keys?.resolve([name]);
    const value = keys?.value(name) ?? '';
    if (value !== '') return value;
    throw new YonderError(
      'not_found',
      `nothing is kept for keyring:${name}; \`yonder auth login\` keeps the key of a provider`,
    );
  },
  async file(name, _session, { env }) {
    const path = name.startsWith('~/') ? join(env('HOME') ?? homedir(), name.slice(2)) : name;
    if (!isAbsolute(path))
      throw new YonderError('invalid_request', `file:${name} is no absolute path, nor one from ~/`);
    const size = await stat(path).then(
      (found) => (found.isFile() ? found.size : undefined),
      (thrown: unknown) => unreadable(name, thrown),
    );
    if (size === undefined || size > LARGEST_FILE)
      throw new YonderError(
        'invalid_request',
        `file:${name} is ${size === undefined ? 'no file' : `${size} bytes`}; a secret is a file of up to ${LARGEST_FILE} bytes`,
      );
    const text = await readFile(path, 'utf8').catch((thrown: unknown) => unreadable(name, thrown));
    return text.replace(/[\r\n]+$/, '');
  },
};

function unreadable(name: string, cause: unknown): never {
  const why = cause instanceof Error ? cause.message : String(cause);
  throw new YonderError('not_found', `the secret file:${name} cannot be read: ${why}`, { cause });
}
