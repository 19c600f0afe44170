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
