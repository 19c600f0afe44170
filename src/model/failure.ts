import { UnsupportedError, YonderError, type ErrorCode } from '../protocol/errors.ts';
import { saysContextExceeded } from './overflow.ts';

/** An answer that did not hold up: cut, empty, or not the protocol. Retried. */
export class BrokenAnswer extends Error {
  override readonly name = 'BrokenAnswer';
  readonly retry: boolean;

  constructor(message: string, options: { retry?: boolean; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.retry = options.retry ?? true;
  }
}

/** An error event in the middle of a stream, for which the package for Mistral has no place. Holds the provider's own words. */
export class StreamError extends Error {
  override readonly name = 'StreamError';
  readonly responseBody: string;

  constructor(responseBody: string) {
    super('the provider sent an error inside its stream');
    this.responseBody = responseBody;
  }
}

export interface Failure {
  error: YonderError;
  /** Whether another attempt at the same model makes sense (reference/docker-agent.md 7.7). */
  retry: boolean;
  status?: number;
}

const RETRIED_STATUS = new Set([408, 500, 502, 503, 504, 529]);
const RETRIED_WORDS = new Set([
  'server_error',
  'internal_server_error',
  'overloaded_error',
  'overloaded',
  'api_error',
  'timeout_error',
  'timeout',
  'INTERNAL',
  'UNAVAILABLE',
  'DEADLINE_EXCEEDED',
]);
const RATE_WORDS = new Set(['rate_limit_error', 'rate_limit_exceeded', 'RESOURCE_EXHAUSTED']);
const LONGEST_WORDS = 600;

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function text(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

function* causes(thrown: unknown): Generator<Record<string, unknown>> {
  let current = thrown;
  for (let depth = 0; depth < 8 && typeof current === 'object' && current !== null; depth++) {
    yield record(current);
    current = record(current)['cause'] ?? record(current)['lastError'];
  }
}

function jsonOf(body: string | undefined): unknown {
  if (body === undefined) return undefined;
  try {
    return JSON.parse(body);
  } catch {
    return undefined; // not JSON: the body is taken as the words themselves
  }
}

/** The provider's own words and its code, wherever this API keeps them. */
function providerWords(thrown: Record<string, unknown>): { words: string; code?: string } {
  const body = text(thrown['responseBody']);
  const data = record(jsonOf(body) ?? thrown['data'] ?? thrown['error'] ?? thrown);
  const response = record(data['response']);
  const inner = record(data['error'] ?? response['error'] ?? data);
  const words =
    text(inner['message']) ?? text(data['error']) ?? text(data['message']) ?? text(thrown['message']) ?? '';
  // Google's code is the HTTP status again, and its status is the word.
  const said = typeof inner['code'] === 'number' ? text(inner['status']) : undefined;
  const code = said ?? text(inner['code']) ?? text(inner['type']);
  const looksLikeHtml = body !== undefined && /^\s*</.test(body);
  const fallback = body !== undefined && !looksLikeHtml && Object.keys(data).length === 0 ? body : words;
  return {
    words: (words === '' ? fallback : words).slice(0, LONGEST_WORDS),
    ...(code === undefined ? {} : { code }),
  };
}

function networkCode(thrown: unknown): string | undefined {
  for (const cause of causes(thrown)) {
    const code = text(cause['code']);
    if (code !== undefined && /^(E[A-Z]+|UND_ERR_[A-Z_]+|CERT_[A-Z_]+|[A-Z_]*CERT[A-Z_]*)$/.test(code))
      return code;
  }
  return undefined;
}

/** The status that a proxy gave in place of the model; undici says it in words alone. */
function proxyStatus(thrown: unknown): number | undefined {
  for (const cause of causes(thrown)) {
    const said = /^Proxy (?:response|Authentication Required) \((\d{3})\)/.exec(text(cause['message']) ?? '');
    if (said !== null) return Number(said[1]);
  }
  return undefined;
}

function proxyFailure(status: number, thrown: unknown, model: string): Failure {
  const advice =
    status === 407 ? ' and wants a user and a password, as in http://user:password@proxy:3128' : '';
  const message = `${model} cannot be reached: the proxy answered ${status}${advice}`;
  const error = new YonderError('model_error', message, { cause: thrown, details: { proxy_status: status } });
  return { error, retry: status >= 500 };
}

function ofStatus(status: number, words: string, code: string | undefined): ErrorCode {
  if (saysContextExceeded(`${code ?? ''} ${words}`)) return 'context_exceeded';
  return status === 429 || RATE_WORDS.has(code ?? '') ? 'rate_limited' : 'model_error';
}

/** Hides every secret that is given; keys shorter than 8 characters would eat ordinary words and are left. */
export function withoutSecrets(value: string, secrets: readonly string[]): string {
  return secrets.reduce(
    (kept, secret) => (secret.length < 8 ? kept : kept.replaceAll(secret, '[redacted]')),
    value,
  );
}

/**
 * What a thrown thing means, in our words and once in the provider's. Never holds a key.
 * @param model `provider/model`, for the message
 * @param secrets values that must not show
 */
export function failureOf(thrown: unknown, model: string, secrets: readonly string[]): Failure {
  for (const cause of causes(thrown)) {
    if (cause instanceof YonderError) return { error: cause, retry: false };
    if (cause instanceof StreamError) return providerFailure(record(cause), thrown, model, secrets);
    if (cause instanceof BrokenAnswer) {
      const message = withoutSecrets(`${model} ${cause.message}`, secrets);
      return { error: new YonderError('model_error', message, { cause: thrown }), retry: cause.retry };
    }
  }
  const outer = record(thrown);
  const name = text(outer['name']) ?? '';
  if (name === 'AI_UnsupportedFunctionalityError') {
    const feature = text(outer['functionality']) ?? 'this content';
    return { error: new UnsupportedError(feature, `by ${model}`, { cause: thrown }), retry: false };
  }
  if (name === 'AI_InvalidResponseDataError' && /finish reason/.test(text(outer['message']) ?? '')) {
    return failureOf(
      new BrokenAnswer('ended its answer without saying that it was done', { cause: thrown }),
      model,
      secrets,
    );
  }
  if (/AI_(JSONParse|TypeValidation|InvalidResponseData|EmptyResponseBody)Error/.test(name)) {
    const message = `${model} sent something that is not its protocol (${name.replace(/^AI_|Error$/g, '')})`;
    return { error: new YonderError('model_error', message, { cause: thrown }), retry: true };
  }
  return providerFailure(outer, thrown, model, secrets);
}

function providerFailure(
  outer: Record<string, unknown>,
  thrown: unknown,
  model: string,
  secrets: readonly string[],
): Failure {
  const status = typeof outer['statusCode'] === 'number' ? outer['statusCode'] : undefined;
  const proxy = proxyStatus(thrown);
  if (status === undefined && proxy !== undefined) return proxyFailure(proxy, thrown, model);
  const network = networkCode(thrown);
  if (status === undefined && network !== undefined) {
    const message = `${model} cannot be reached (${network}); check the network, the proxy and base_url`;
    return {
      error: new YonderError('model_error', message, { cause: thrown, details: { network } }),
      retry: !network.includes('CERT'),
    };
  }
  const cutOff =
    (status !== undefined && status < 300 && !('data' in outer && outer['data'] !== undefined)) ||
    (thrown instanceof TypeError && thrown.message === 'terminated');
  if (cutOff) {
    const message = `${model} was cut off in the middle of its answer${network === undefined ? '' : ` (${network})`}`;
    return { error: new YonderError('model_error', message, { cause: thrown }), retry: true };
  }
  const { words, code } = providerWords(outer);
  const errorCode = ofStatus(status ?? 0, words, code);
  const headers = record(outer['responseHeaders']);
  const wait = text(headers['retry-after']);
  const said = [status, code === undefined ? undefined : `(${code})`].filter((part) => part !== undefined);
  const message = withoutSecrets(
    `${model} answered ${said.length === 0 ? 'with an error' : said.join(' ')}: ${words || 'no words'}` +
      (wait === undefined ? '' : `; it asks to wait ${/^\d+$/.test(wait) ? `${wait} s` : `until ${wait}`}`),
    secrets,
  );
  const error = new YonderError(errorCode, message, {
    cause: thrown,
    details: {
      ...(status === undefined ? {} : { status }),
      ...(code === undefined ? {} : { provider_code: code }),
      ...(wait === undefined ? {} : { retry_after: wait }),
    },
    ...(code === 'insufficient_quota' ? { retryable: false } : {}),
  });
  const again = status === undefined ? RETRIED_WORDS.has(code ?? '') : RETRIED_STATUS.has(status);
  return {
    error,
    retry: again && errorCode === 'model_error',
    ...(status === undefined ? {} : { status }),
  };
}
