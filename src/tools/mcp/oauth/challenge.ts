import { extractWWWAuthenticateParams } from '@modelcontextprotocol/client';

/** What a server asked for when it refused a request. */
export interface Challenge {
  /** `step_up`: what was granted is not enough. */
  kind: 'sign_in' | 'step_up';
  scope?: string | undefined;
  /** Where the server describes itself (RFC 9728). */
  resource_metadata?: URL | undefined;
}

/** A request that only a person can help on; it did not reach the server's tool. */
export class SignInNeeded extends Error {
  readonly challenge: Challenge;

  constructor(challenge: Challenge, message: string) {
    super(message);
    this.name = 'SignInNeeded';
    this.challenge = challenge;
  }
}

/** What a 401 or 403 says; undefined for an answer that is no challenge. */
export function challengeOf(response: Response): Challenge | undefined {
  if (response.status !== 401 && response.status !== 403) return undefined;
  const { resourceMetadataUrl, scope, error } = extractWWWAuthenticateParams(response);
  if (response.status === 403 && error !== 'insufficient_scope') return undefined;
  return {
    kind: response.status === 403 ? 'step_up' : 'sign_in',
    ...(scope === undefined ? {} : { scope }),
    ...(resourceMetadataUrl === undefined ? {} : { resource_metadata: resourceMetadataUrl }),
  };
}
