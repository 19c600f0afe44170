import { z } from 'zod';
import { scopeSchema } from '../../protocol/context.ts';

/** A line of the tokens file: who comes with a token, and what they may. The token itself is nowhere. */
export const tokenEntrySchema = z.strictObject({
  principal: z.string().regex(/^[\w.@+-]{1,64}$/, {
    error: 'must be 1 to 64 letters, digits or . _ @ + -',
  }),
  hash: z.string().regex(/^sha256:[0-9a-f]{64}$/, {
    error: 'must be sha256: and 64 hex digits, as yonder serve token prints it',
  }),
  scopes: z
    .array(z.enum(scopeSchema.options, { error: `must be one of ${scopeSchema.options.join(', ')}` }))
    .min(1, { error: 'must name at least one scope' }),
  approve_own: z.boolean().optional(),
  expires: z
    .union([z.iso.date(), z.iso.datetime({ offset: true })], {
      error: 'must be a date (2027-01-31) or a time with its zone (2027-01-31T12:00:00Z)',
    })
    .optional(),
});
export type TokenEntry = z.infer<typeof tokenEntrySchema>;

/** A server's tokens file. */
export const tokensFileSchema = z.array(tokenEntrySchema, {
  error: 'must be a list of entries, each with a dash',
});

/** Milliseconds since 1970 from which a token counts no more; a day counts to its end (UTC). */
export function expiryOf({ expires }: Pick<TokenEntry, 'expires'>): number | undefined {
  if (expires === undefined) return undefined;
  const time = Date.parse(expires);
  return expires.length === '2027-01-31'.length ? time + 24 * 3_600_000 : time;
}
