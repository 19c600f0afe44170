import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { stringify } from 'yaml';
import type { Scope } from '../../protocol/context.ts';
import { YonderError } from '../../protocol/errors.ts';
import { makeToken, tokenHash } from '../../server/auth/token.ts';
import { tokensFileSchema } from '../../server/auth/entries.ts';
import { codeOf } from '../flags/env-file.ts';
import { Output } from '../terminal/output.ts';
import type { Io } from '../terminal/io.ts';

export interface TokenFlags {
  scope: Scope[];
  approveOwn?: boolean;
  expires?: string;
  /** Gets the token in the place of stderr. */
  tokenFile?: string;
}

/** `yonder serve token <principal>`: a new token on stderr, once, or in a file, and its entry for the tokens file on stdout. */
export async function serveToken(principal: string, flags: TokenFlags, io: Io): Promise<number> {
  const token = makeToken();
  const read = tokensFileSchema.safeParse([
    {
      principal,
      hash: tokenHash(token),
      scopes: [...new Set(flags.scope)],
      ...(flags.approveOwn === true ? { approve_own: true } : {}),
      ...(flags.expires === undefined ? {} : { expires: flags.expires }),
    },
  ]);
  if (!read.success) {
    const [issue] = read.error.issues;
    throw new YonderError('invalid_request', `${String(issue?.path.at(1))} ${issue?.message}`);
  }
  // The token first: an entry whose token nobody has is worth nothing.
  if (flags.tokenFile !== undefined) await keep(resolve(io.cwd, flags.tokenFile), token);
  await new Output(io).text(stringify(read.data));
  if (flags.tokenFile === undefined)
    io.stderr.write(`the token of ${principal}, shown this once: ${token}\n`);
  return 0;
}

/** A new file that only this user reads; one that is there is not written over, since it may be somebody's only copy. */
async function keep(path: string, token: string): Promise<void> {
  try {
    await writeFile(path, `${token}\n`, { mode: 0o600, flag: 'wx' });
  } catch (cause) {
    const why = codeOf(cause) === 'EEXIST' ? 'it is there already' : codeOf(cause);
    throw new YonderError('invalid_request', `--token-file ${path} cannot be written (${why})`, { cause });
  }
}
