import {
  computeScopeUnion,
  OAuthError,
  OAuthErrorCode,
  refreshAuthorization,
  type OAuthTokens,
} from '@modelcontextprotocol/client';
import { YonderError } from '../../../protocol/errors.ts';
import type { SecretRegistry } from '../../../protocol/secrets.ts';
import type { KeptSignIn, KeptTokens, SignInStore } from '../../../protocol/sign-ins.ts';
import { clientFor, type NamedClient } from './client.ts';
import { findAuthority, type Authority, type Fetch } from './discovery.ts';
import { clientInformation, serverKey } from './kept.ts';
import type { Challenge } from './sign-in-needed.ts';
import { SignIn } from './sign-in.ts';
import { said } from './words.ts';

export interface AccessParts {
  url: string;
  /** Whose tokens these are. */
  principal: string;
  store: SignInStore;
  /** Judges where it goes; follows no redirect to another origin. */
  fetch: Fetch;
  client?: NamedClient | undefined;
  /** What the team asks for. */
  scopes?: readonly string[] | undefined;
  /** Where values are told before they are used. */
  secrets: Pick<SecretRegistry, 'add'>;
  now(): number;
}

/** What one principal may do at one server: its tokens, their renewal, and how more is asked for (R31). Nothing of it is in a session. */
export class ServerAccess {
  readonly url: URL;
  readonly #parts: AccessParts;
  readonly #key: string;
  #renewing: Promise<boolean> | undefined;

  constructor(parts: AccessParts) {
    this.#parts = parts;
    this.url = new URL(parts.url);
    this.#key = serverKey(this.url);
    if (parts.client?.client_secret !== undefined) this.#guard('client secret', parts.client.client_secret);
  }

  /** The token that stands for the person; undefined before the first sign-in. */
  async token(): Promise<string | undefined> {
    const kept = await this.#kept();
    return kept?.tokens?.access_token;
  }

  /** What was granted, as far as it is known. */
  async granted(): Promise<string | undefined> {
    return (await this.#kept())?.tokens?.scope;
  }

  /**
   * Renews a token that was refused; true where there is another one now, be it that another process renewed it. False where a person has to sign in
   * again. Throws where the authorization server could not be asked.
   */
  renew(refused: string): Promise<boolean> {
    this.#renewing ??= this.#renew(refused).finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  }

  /** Prepares a sign-in: finds the authorization server, has a client there, and makes the address that a person opens. */
  async begin(asked: { redirect_url: string; challenge?: Challenge | undefined }): Promise<SignIn> {
    const { fetch, client: named, scopes } = this.#parts;
    const { challenge, redirect_url } = asked;
    const authority = await findAuthority(this.url, challenge, fetch);
    const kept = await this.#kept();
    const scope = wantedScope({ challenge, scopes, authority, granted: kept?.tokens?.scope });
    const client = await clientFor({ authority, named, kept, redirect_url, scope, fetch });
    if (client.client_secret !== undefined) this.#guard('client secret', client.client_secret);
    return SignIn.start({
      authority,
      client,
      redirect_url,
      scope,
      fetch,
      guard: (name, value) => this.#guard(name, value),
      keep: async (tokens) => {
        const { store, principal } = this.#parts;
        const made = this.#tokens(tokens, scope);
        await store.change(principal, this.#key, () => ({ issuer: authority.issuer, client, tokens: made }));
      },
    });
  }

  async #kept(): Promise<KeptSignIn | undefined> {
    const kept = await this.#parts.store.read(this.#parts.principal, this.#key);
    this.#guardAll(kept);
    return kept;
  }

  async #renew(refused: string): Promise<boolean> {
    const { store, principal, fetch } = this.#parts;
    const known = await this.#kept();
    if (known?.tokens === undefined) return false;
    if (known.tokens.access_token !== refused) return true;
    if (known.tokens.refresh_token === undefined) return false;
    const authority = await findAuthority(this.url, undefined, fetch);
    const changed = await store.change(principal, this.#key, async (kept) => {
      const { refresh_token } = kept?.tokens ?? {};
      // Another process was here first, or the person has signed out.
      if (kept === undefined || kept.tokens?.access_token !== refused || refresh_token === undefined)
        return kept;
      if (kept.issuer !== authority.issuer) return { ...kept, tokens: undefined };
      return this.#renewed(kept, refresh_token, authority);
    });
    this.#guardAll(changed);
    const now = changed?.tokens?.access_token;
    return now !== undefined && now !== refused;
  }

  async #renewed(kept: KeptSignIn, refreshToken: string, authority: Authority): Promise<KeptSignIn> {
    const { metadata, resource, url } = authority;
    try {
      const tokens = await refreshAuthorization(url, {
        ...(metadata === undefined ? {} : { metadata }),
        clientInformation: clientInformation(kept.client),
        refreshToken,
        ...(resource === undefined ? {} : { resource }),
        fetchFn: this.#parts.fetch,
      });
      return { ...kept, tokens: this.#tokens(tokens, kept.tokens?.scope) };
    } catch (cause) {
      if (cause instanceof YonderError) throw cause;
      // What the server has taken back is of no more use; all else may pass.
      const isGone = cause instanceof OAuthError && GONE.includes(cause.code);
      if (isGone) return { ...kept, tokens: undefined };
      throw new YonderError('unavailable', `${authority.issuer} did not renew the token: ${said(cause)}`, {
        cause,
      });
    }
  }

  #tokens(tokens: OAuthTokens, asked: string | undefined): KeptTokens {
    const { access_token, refresh_token, expires_in } = tokens;
    // RFC 6749 section 5.1: a scope that is not said is the one that was asked for.
    const scope = tokens.scope ?? asked;
    this.#guard('token', access_token);
    if (refresh_token !== undefined) this.#guard('refresh token', refresh_token);
    return {
      access_token,
      ...(refresh_token === undefined ? {} : { refresh_token }),
      ...(scope === undefined ? {} : { scope }),
      ...(expires_in === undefined ? {} : { expires_at: this.#parts.now() + expires_in * 1000 }),
    };
  }

  #guardAll(kept: KeptSignIn | undefined): void {
    if (kept?.tokens !== undefined) this.#guard('token', kept.tokens.access_token);
    if (kept?.tokens?.refresh_token !== undefined) this.#guard('refresh token', kept.tokens.refresh_token);
    if (kept?.client.client_secret !== undefined) this.#guard('client secret', kept.client.client_secret);
  }

  #guard(name: string, value: string): void {
    this.#parts.secrets.add(`${this.url.host} ${name}`, value);
  }
}

const GONE: readonly string[] = [
  OAuthErrorCode.InvalidGrant,
  OAuthErrorCode.InvalidClient,
  OAuthErrorCode.UnauthorizedClient,
  OAuthErrorCode.InvalidScope,
];

/**
 * What to ask for: what the team says and the server demanded, else all that the server has; with it what was granted before where more is demanded, and
 * `offline_access` where the authorization server gives renewal for it.
 */
function wantedScope(asked: {
  challenge: Challenge | undefined;
  scopes: readonly string[] | undefined;
  authority: Authority;
  granted: string | undefined;
}): string | undefined {
  const { challenge, scopes, authority, granted } = asked;
  const before = challenge?.kind === 'step_up' ? granted : undefined;
  const demanded = computeScopeUnion(before, scopes?.join(' '), challenge?.scope);
  const scope = demanded ?? authority.scopes_supported?.join(' ');
  const lasts = authority.metadata?.scopes_supported?.includes('offline_access') === true;
  return scope === undefined || scope === '' || !lasts
    ? scope || undefined
    : computeScopeUnion(scope, 'offline_access');
}
