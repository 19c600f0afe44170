import { createHash, randomBytes } from 'node:crypto';

interface Client {
  redirect_uris: readonly string[];
  secret: string | undefined;
}

interface Code {
  client_id: string;
  redirect_uri: string;
  challenge: string;
  scope: string;
  used: boolean;
}

interface Granted {
  scope: string;
  expired: boolean;
}

/** What an answer of a token or registration endpoint is made of. */
export interface Said {
  status: number;
  body?: Record<string, unknown>;
  location?: string;
}

export interface AuthorizationOptions {
  /** False: it takes no clients that it does not know. */
  registration?: boolean;
  /** Clients that are known from the start. */
  clients?: Readonly<Record<string, { secret?: string; redirect_uris: readonly string[] }>>;
  scopes?: readonly string[];
}

/**
 * An OAuth authorization server that refuses what real ones refuse: a redirect that was not registered, a request without PKCE, a wrong verifier, a code that
 * comes twice, a token that was renewed already. A person who opens its address always says yes.
 */
export class AuthorizationServer {
  readonly #options: AuthorizationOptions;
  readonly #clients = new Map<string, Client>();
  readonly #codes = new Map<string, Code>();
  readonly #tokens = new Map<string, Granted>();
  readonly #refresh = new Map<string, { client_id: string; scope: string }>();
  /** Every secret that it gave out, and every one that was shown to it. */
  readonly secrets = new Set<string>();
  /** How often each endpoint was asked, and what it said no to. */
  readonly counts = { register: 0, authorize: 0, token: 0, refresh: 0 };
  readonly refusals: string[] = [];

  constructor(options: AuthorizationOptions = {}) {
    this.#options = options;
    for (const [id, { secret, redirect_uris }] of Object.entries(options.clients ?? {}))
      this.#clients.set(id, { secret, redirect_uris });
  }

  metadata(origin: string): Record<string, unknown> {
    return {
      issuer: origin,
      authorization_endpoint: `${origin}/authorize`,
      token_endpoint: `${origin}/token`,
      ...(this.#options.registration === false ? {} : { registration_endpoint: `${origin}/register` }),
      response_types_supported: ['code'],
      grant_types_supported: ['authorization_code', 'refresh_token'],
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: ['none', 'client_secret_basic', 'client_secret_post'],
      ...(this.#options.scopes === undefined ? {} : { scopes_supported: this.#options.scopes }),
      authorization_response_iss_parameter_supported: true,
    };
  }

  register(body: { redirect_uris?: string[] }): Said {
    this.counts.register += 1;
    const { redirect_uris = [] } = body;
    if (redirect_uris.length === 0) return this.#refuse(400, 'invalid_redirect_uri');
    const client_id = `client-${this.#clients.size + 1}`;
    this.#clients.set(client_id, { redirect_uris, secret: undefined });
    return { status: 201, body: { client_id, ...body } };
  }

  /** The browser's request: the person agrees, and goes back with a code. */
  authorize(query: URLSearchParams, origin: string): Said {
    this.counts.authorize += 1;
    const client = this.#clients.get(query.get('client_id') ?? '');
    const redirect_uri = query.get('redirect_uri') ?? '';
    if (client?.redirect_uris.includes(redirect_uri) !== true) return this.#refuse(400, 'redirect_uri');
    const back = new URL(redirect_uri);
    const challenge = query.get('code_challenge') ?? '';
    const state = query.get('state') ?? '';
    if (challenge === '' || query.get('code_challenge_method') !== 'S256' || state === '')
      return this.#refuse(400, 'invalid_request');
    const code = this.#secret();
    const scope = query.get('scope') ?? '';
    const client_id = query.get('client_id') ?? '';
    this.#codes.set(code, { client_id, redirect_uri, challenge, scope, used: false });
    back.searchParams.set('code', code);
    back.searchParams.set('state', state);
    back.searchParams.set('iss', origin);
    return { status: 302, location: back.href };
  }

  token(form: URLSearchParams, authorization: string | undefined): Said {
    this.counts.token += 1;
    const client_id = this.#clientOf(form, authorization);
    if (client_id === undefined) return this.#refuse(401, 'invalid_client');
    return form.get('grant_type') === 'refresh_token'
      ? this.#renewed(client_id, form.get('refresh_token') ?? '')
      : this.#exchanged(client_id, form);
  }

  /** What a token may do; undefined for one that is not good. */
  scopesOf(token: string): readonly string[] | undefined {
    const granted = this.#tokens.get(token);
    return granted === undefined || granted.expired ? undefined : granted.scope.split(' ');
  }

  /** Every token that was given out has had its time. */
  expire(): void {
    for (const granted of this.#tokens.values()) granted.expired = true;
  }

  /** The person took it back: no token is renewed any more. */
  revoke(): void {
    this.expire();
    this.#refresh.clear();
  }

  #clientOf(form: URLSearchParams, authorization: string | undefined): string | undefined {
    const basic = /^Basic (.+)$/.exec(authorization ?? '')?.[1];
    const [basicId, basicSecret] = Buffer.from(basic ?? '', 'base64')
      .toString()
      .split(':');
    const id = basic === undefined ? (form.get('client_id') ?? '') : decodeURIComponent(basicId ?? '');
    const secret =
      basic === undefined ? (form.get('client_secret') ?? undefined) : decodeURIComponent(basicSecret ?? '');
    const client = this.#clients.get(id);
    return client !== undefined && client.secret === secret ? id : undefined;
  }

  #exchanged(client_id: string, form: URLSearchParams): Said {
    const verifier = form.get('code_verifier') ?? '';
    this.secrets.add(verifier);
    const code = this.#codes.get(form.get('code') ?? '');
    if (code?.client_id !== client_id) return this.#refuse(400, 'invalid_grant', 'no such code');
    if (code.used) return this.#refuse(400, 'invalid_grant', 'the code was used before');
    code.used = true;
    if (code.redirect_uri !== form.get('redirect_uri'))
      return this.#refuse(400, 'invalid_grant', 'another redirect_uri');
    if (createHash('sha256').update(verifier).digest('base64url') !== code.challenge)
      return this.#refuse(400, 'invalid_grant', 'wrong verifier');
    return this.#grant(client_id, code.scope);
  }

  #renewed(client_id: string, refresh_token: string): Said {
    this.counts.refresh += 1;
    const held = this.#refresh.get(refresh_token);
    if (held?.client_id !== client_id) return this.#refuse(400, 'invalid_grant', 'no such refresh token');
    this.#refresh.delete(refresh_token);
    return this.#grant(client_id, held.scope);
  }

  #grant(client_id: string, scope: string): Said {
    const access_token = this.#secret();
    const refresh_token = this.#secret();
    this.#tokens.set(access_token, { scope, expired: false });
    this.#refresh.set(refresh_token, { client_id, scope });
    return {
      status: 200,
      body: { access_token, refresh_token, token_type: 'Bearer', expires_in: 3600, scope },
    };
  }

  #refuse(status: number, error: string, error_description?: string): Said {
    this.refusals.push(error_description ?? error);
    return { status, body: { error, ...(error_description === undefined ? {} : { error_description }) } };
  }

  #secret(): string {
    const value = randomBytes(24).toString('base64url');
    this.secrets.add(value);
    return value;
  }
}
