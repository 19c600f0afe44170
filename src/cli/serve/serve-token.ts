import { stringify } from 'yaml';
import type { Scope } from '../../protocol/context.ts';
import { YonderError } from '../../protocol/errors.ts';
import { makeToken, tokenHash } from '../../server/auth/token.ts';
import { tokensFileSchema } from '../../server/auth/entries.ts';
import { Output } from '../terminal/output.ts';
import type { Io } from '../terminal/io.ts';

export interface TokenFlags {
  scope: Scope[];
  approveOwn?: boolean;
  expires?: string;
}

/** `yonder serve token <principal>`: a new token on stderr, once, and its entry for the tokens file on stdout. */
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
  await new Output(io).text(stringify(read.data));
  io.stderr.write(`the token of ${principal}, shown this once: ${token}\n`);
  return 0;
}
