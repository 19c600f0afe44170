import {
  exchangeAuthorization,
  startAuthorization,
  validateAuthorizationResponseIssuer,
  type OAuthTokens,
} from '@modelcontextprotocol/client';
import { YonderError } from '../../../protocol/errors.ts';
import type { KeptClient } from '../../../protocol/sign-ins.ts';
import type { Authority, Fetch } from './discovery.ts';
import { clientInformation } from './kept.ts';
import { said } from './words.ts';

interface SignInParts {
  authority: Authority;
  client: KeptClient;
  redirect_url: string;
  scope: string | undefined;
  fetch: Fetch;
  guard(name: string, value: string): void;
  keep(tokens: OAuthTokens): Promise<void>;
}

/** What a browser brought back. */
export interface Returned {
  code: string;
  state: string;
  /** RFC 9207. */
  iss?: string | undefined;
}

/** One sign-in of a person: state and PKCE verifier stay here, and the code is taken once (R31). */
export class SignIn {
  /** What the person opens. For one client alone: it carries the state. */
  readonly authorization_url: string;
  readonly scope: string | undefined;
  readonly #parts: SignInParts;
  readonly #state: string;
  readonly #verifier: string;
  #isTaken = false;

  private constructor(parts: SignInParts, made: { url: string; state: string; verifier: string }) {
    this.#parts = parts;
    this.authorization_url = made.url;
    this.scope = parts.scope;
    this.#state = made.state;
    this.#verifier = made.verifier;
  }

  static async start(parts: SignInParts): Promise<SignIn> {
    const { authority, client, redirect_url, scope } = parts;
    const state = randomText();
    const begun = await startAuthorization(authority.url, {
      ...(authority.metadata === undefined ? {} : { metadata: authority.metadata }),
      clientInformation: clientInformation(client),
      redirectUrl: redirect_url,
      ...(scope === undefined ? {} : { scope }),
      state,
      ...(authority.resource === undefined ? {} : { resource: authority.resource }),
    }).catch((cause: unknown) => {
      throw new YonderError('unsupported', `${authority.issuer} cannot be signed in at: ${said(cause)}`, {
        cause,
      });
    });
    const url = begun.authorizationUrl;
    if (!isOpenable(url))
      throw new YonderError(
        'forbidden',
        `${authority.issuer} would have a person sign in at ${url.protocol}//${url.host}, which is neither https nor this machine`,
      );
    parts.guard('verifier', begun.codeVerifier);
    parts.guard('state', state);
    return new SignIn(parts, { url: url.href, state, verifier: begun.codeVerifier });
  }

  /** Looks at what a browser brought, before anything is committed. Throws `invalid_request` for another sign-in's state, `conflict` for a code that comes again. */
  take({ code, state }: Returned): void {
    if (state !== this.#state)
      throw new YonderError(
        'invalid_request',
        'content.state: it is not the state of this sign-in; what the browser brought belongs to another one and was not used',
        { details: { field: 'content.state' } },
      );
    if (this.#isTaken)
      throw new YonderError('conflict', 'the code of this sign-in was taken already; each counts once');
    this.#isTaken = true;
    this.#parts.guard('code', code);
  }

  /** What `take` took is not used after all. */
  giveBack(): void {
    this.#isTaken = false;
  }

  /** Exchanges the code and keeps the tokens. Throws `forbidden` with what the authorization server said. */
  async finish({ code, iss }: Returned): Promise<void> {
    const { authority, client, redirect_url, fetch, keep } = this.#parts;
    const { metadata, resource, issuer } = authority;
    let tokens: OAuthTokens;
    try {
      validateAuthorizationResponseIssuer({
        iss,
        expectedIssuer: metadata?.issuer,
        issParameterSupported: supportsIss(metadata),
      });
      tokens = await exchangeAuthorization(authority.url, {
        ...(metadata === undefined ? {} : { metadata }),
        clientInformation: clientInformation(client),
        authorizationCode: code,
        ...(iss === undefined ? {} : { iss }),
        codeVerifier: this.#verifier,
        redirectUri: redirect_url,
        ...(resource === undefined ? {} : { resource }),
        fetchFn: fetch,
      });
    } catch (cause) {
      if (cause instanceof YonderError) throw cause;
      throw new YonderError('forbidden', `${issuer} gave no token for the code: ${said(cause)}`, { cause });
    }
    await keep(tokens);
  }
}

function supportsIss(metadata: Authority['metadata']): boolean {
  return metadata?.['authorization_response_iss_parameter_supported'] === true;
}

/** An address that a browser may be sent to: encrypted, or of this machine. */
function isOpenable(url: URL): boolean {
  const isHere = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname);
  return url.protocol === 'https:' || (url.protocol === 'http:' && isHere);
}

/** 256 bits, as base64url. */
function randomText(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
