import { YonderError } from '../../protocol/errors.ts';
import type { ServerAccess } from '../../tools/mcp/oauth/access.ts';
import type { Challenge } from '../../tools/mcp/oauth/sign-in-needed.ts';
import type { Returned, SignIn } from '../../tools/mcp/oauth/sign-in.ts';
import { loopbackRedirect } from './redirect.ts';

/** So long a sign-in belongs to the client that took it upon itself; then another one may. Milliseconds. */
export const CLAIMED_FOR_MS = 10 * 60_000;

export interface FlowParts {
  access: ServerAccess;
  challenge?: Challenge | undefined;
  /** Where the team has browsers sent back to, instead of the client's own address. */
  callback_url?: string | undefined;
  now(): number;
}

interface Claim {
  by: string;
  expires_at: number;
  begun: Promise<SignIn>;
}

/** What the claimant is told, and nobody else. */
export interface Claimed {
  authorization_url: string;
  scope: string | undefined;
  /** Milliseconds since 1970. */
  expires_at: number;
}

/** One sign-in that waits for a person: one client takes it upon itself, and only that one brings the code (R31). It lives in memory alone. */
export class Flow {
  readonly #parts: FlowParts;
  #claim: Claim | undefined;
  #returned: Returned | undefined;

  constructor(parts: FlowParts) {
    this.#parts = parts;
  }

  /** Gives the address to open; a second one is a `conflict` as long as the claim holds, whoever asks. */
  async claim(asked: { by: string; redirect_url: string }): Promise<Claimed> {
    const { access, challenge, callback_url, now } = this.#parts;
    const given = loopbackRedirect(asked.redirect_url);
    const held = this.#claim;
    if (held !== undefined && held.expires_at > now())
      throw new YonderError('conflict', `${held.by} has taken this sign-in upon itself already`, {
        details: { by: held.by },
      });
    const claim: Claim = {
      by: asked.by,
      expires_at: now() + CLAIMED_FOR_MS,
      begun: access.begin({ redirect_url: callback_url ?? given, challenge }),
    };
    this.#claim = claim;
    try {
      return await claimed(claim);
    } catch (thrown) {
      if (this.#claim === claim) this.#claim = undefined;
      throw thrown;
    }
  }

  /** Takes what a browser brought, from the claimant alone; what it is worth is found out by `finish`. */
  async take(by: string, content: Record<string, unknown> | undefined): Promise<void> {
    const claim = this.#claim;
    if (claim === undefined || claim.expires_at <= this.#parts.now())
      throw new YonderError('conflict', 'nobody has taken this sign-in upon itself: claim it first');
    if (claim.by !== by)
      throw new YonderError(
        'forbidden',
        `${claim.by} has taken this sign-in upon itself, and only it finishes it`,
      );
    const returned = returnedOf(content);
    (await claim.begun).take(returned);
    this.#returned = returned;
  }

  /** The answer that `take` belonged to was not committed. */
  async giveBack(): Promise<void> {
    this.#returned = undefined;
    (await this.#claim?.begun)?.giveBack();
  }

  /** Exchanges the code that was taken. */
  async finish(): Promise<void> {
    if (this.#returned === undefined || this.#claim === undefined)
      throw new YonderError('internal', 'a sign-in was accepted without a code');
    await (await this.#claim.begun).finish(this.#returned);
  }
}

async function claimed({ begun, expires_at }: Claim): Promise<Claimed> {
  const { authorization_url, scope } = await begun;
  return { authorization_url, scope, expires_at };
}

function returnedOf(content: Record<string, unknown> | undefined): Returned {
  const { code, state, iss, ...others } = content ?? {};
  const problem =
    typeof code !== 'string' || code === ''
      ? 'content.code'
      : typeof state !== 'string' || state === ''
        ? 'content.state'
        : iss !== undefined && typeof iss !== 'string'
          ? 'content.iss'
          : Object.keys(others).length > 0
            ? `content.${Object.keys(others)[0]}`
            : undefined;
  if (problem !== undefined || typeof code !== 'string' || typeof state !== 'string')
    throw new YonderError(
      'invalid_request',
      `${problem ?? 'content'}: a sign-in is accepted with code, state, and iss where the browser brought one`,
      { details: { field: problem ?? 'content' } },
    );
  return { code, state, ...(typeof iss === 'string' ? { iss } : {}) };
}
