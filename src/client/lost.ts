import { YonderError } from '../protocol/errors.ts';

/**
 * The connection, not the server: whether the server took the request is unknown, so that it may be sent again under its key (R18). Also what answers there
 * and is no server of ours. Whether to try again says `retryable`.
 */
export class ConnectionLostError extends YonderError {
  /** Nothing was ever there: on the first contact, trying again only keeps a person waiting. */
  readonly isDefinite: boolean;

  constructor(message: string, options: { cause?: unknown; retryable?: boolean; isDefinite?: boolean } = {}) {
    super('unavailable', message, options);
    this.isDefinite = options.isDefinite ?? false;
  }
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'its name cannot be looked up now',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no way to it',
  ETIMEDOUT: 'it does not answer',
  UND_ERR_CONNECT_TIMEOUT: 'it does not answer',
  ENOENT: 'the socket is not there',
  ECONNRESET: 'the connection broke off',
  EPIPE: 'the connection broke off',
  UND_ERR_SOCKET: 'the connection broke off',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS; try http://',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it does not speak TLS; try http://',
};

/** It was there, and went away in the middle: another try may find it. */
const BROKEN: readonly string[] = ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'EAI_AGAIN', 'ETIMEDOUT'];

/** What `fetch` threw, in words; `shown` is where the server should be. A browser says nothing of the cause. */
export function connectionError(shown: string, thrown: unknown): ConnectionLostError {
  const code = codeIn(thrown);
  const isTls = code !== undefined && /CERT|_SSL_|_TLS_|SELF_SIGNED|UNABLE_TO_/.test(code);
  const words =
    code === undefined
      ? undefined
      : (WORDS[code] ??
        (isTls
          ? 'its certificate is not trusted here; name its authority in NODE_EXTRA_CA_CERTS'
          : code.startsWith('HPE_')
            ? 'what answers there does not speak HTTP'
            : undefined));
  const below = thrown instanceof Error && thrown.cause instanceof Error ? ` (${thrown.cause.message})` : '';
  const why = words === undefined ? (code === undefined ? below : ` (${code})`) : `: ${words} (${code})`;
  return new ConnectionLostError(`${shown} cannot be reached${why}`, {
    cause: thrown,
    retryable: !isTls && code?.startsWith('HPE_') !== true,
    isDefinite: code === undefined || !BROKEN.includes(code),
  });
}

/** The first code in the chain of causes; of several addresses that were tried, the first one's. */
function codeIn(thrown: unknown): string | undefined {
  for (let error: unknown = thrown, depth = 0; error instanceof Error && depth < 5; depth += 1) {
    if ('code' in error && typeof error.code === 'string') return error.code;
    const several: unknown = error instanceof AggregateError ? error.errors[0] : undefined;
    error = several ?? error.cause;
  }
  return undefined;
}
