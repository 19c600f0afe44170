/** Headers that are worth keeping and hold no secret; every other one is left out of a cassette. */
const KEPT_HEADERS = new Set([
  'accept',
  'anthropic-beta',
  'anthropic-version',
  'content-type',
  'openai-beta',
  'openai-processing-ms',
  'request-id',
  'retry-after',
  'retry-after-ms',
  'x-request-id',
]);

export const REDACTED = '[redacted]';

/** Names of query parameters and JSON fields whose text is a secret. */
const SECRET_NAME =
  /^(.*[-_])?(api[-_]?key|key|token|access[-_]?token|id[-_]?token|refresh[-_]?token|secret|client[-_]?secret|password|passwd|authorization|auth|signature|sig|credential|cookie|session[-_]?key)$/i;

/** Where a conversation's own text stands; what a person or a tool wrote is not judged by its field names. */
const CONVERSATION = new Set([
  'contents',
  'input',
  'instructions',
  'messages',
  'system',
  'systemInstruction',
  'tools',
]);

export function redactedHeaders(headers: Headers): Record<string, string[]> {
  const kept: Record<string, string[]> = {};
  for (const [name, value] of headers) {
    if (!KEPT_HEADERS.has(name)) continue;
    const canonical = name.replace(
      /(^|-)([a-z])/g,
      (_match, dash: string, letter: string) => dash + letter.toUpperCase(),
    );
    kept[canonical] = [value];
  }
  return kept;
}

/** The URL without user, password and fragment, and with every secret parameter's value replaced. */
export function redactedUrl(address: string): URL {
  const url = new URL(address);
  url.username = '';
  url.password = '';
  url.hash = '';
  for (const name of new Set(url.searchParams.keys())) {
    if (SECRET_NAME.test(name)) url.searchParams.set(name, REDACTED);
  }
  return url;
}

function redactedFields(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redactedFields);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      if (CONVERSATION.has(key)) return [key, inner];
      if (typeof inner === 'string' && SECRET_NAME.test(key)) return [key, REDACTED];
      return [key, redactedFields(inner)];
    }),
  );
}

/** A request's body with the texts of secret fields replaced; unchanged, byte for byte, where there are none. */
export function redactedRequestBody(body: string): string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return body; // no JSON: known keys are replaced by withoutValues
  }
  const redacted = JSON.stringify(redactedFields(parsed));
  return redacted === JSON.stringify(parsed) ? body : redacted;
}

/** Replaces every known secret, also where it was written inside JSON or a URL. */
export function withoutValues(text: string, secrets: readonly string[]): string {
  let result = text;
  for (const secret of secrets) {
    if (secret.length < 6) continue;
    const written = new Set([secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]);
    for (const form of written) result = result.replaceAll(form, REDACTED);
  }
  return result;
}
