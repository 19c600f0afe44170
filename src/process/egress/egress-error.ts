/** Why nothing came back, for callers that act on it. */
export type EgressReason =
  | 'address' // not a URL, another scheme, a password in it
  | 'private_address'
  | 'redirects'
  | 'too_large'
  | 'timeout'
  | 'unreachable'
  | 'certificate'
  | 'broken_answer';

/** Codes of WIRE.md section 3; this floor knows of no room, so who calls makes a YonderError of it. */
const CODES = {
  address: 'invalid_request',
  private_address: 'forbidden',
  redirects: 'invalid_request',
  too_large: 'payload_too_large',
  timeout: 'timeout',
  unreachable: 'unavailable',
  certificate: 'unavailable',
  broken_answer: 'unavailable',
} as const satisfies Record<EgressReason, string>;

/** What kept a request from being made or its answer from being read. The message names the URL, and the address where there is one. */
export class EgressError extends Error {
  readonly reason: EgressReason;
  readonly code: (typeof CODES)[EgressReason];
  /** Without user, password and fragment. */
  readonly url: string;
  readonly address: string | undefined;

  constructor(
    reason: EgressReason,
    url: string,
    message: string,
    options: { address?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'EgressError';
    this.reason = reason;
    this.code = CODES[reason];
    this.url = url;
    this.address = options.address;
  }
}
