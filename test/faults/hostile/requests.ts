import type { Described } from './document.ts';
import { OPERATIONS } from './document.ts';
import type { Random } from './random.ts';
import { TEXTS, allowedValue, hostileValue } from './values.ts';

export interface HostileRequest {
  operation: string;
  method: string;
  /** Path and query, as it stands in the request line. */
  target: string;
  headers: Record<string, string>;
  body: Uint8Array | undefined;
  /** By the document, or by what it is, no server may do it. */
  refused: boolean;
}

/** Sessions that the requests name: real ones for what only looks and for settings, and one that is not there for all else. */
export interface Ids {
  real: readonly string[];
  missing: string;
}

/** These begin work or end a session; with hostile texts they go to a session that is not there. */
const WORKING = /^session_(?:run|steer|follow_up|shell|command|compact|regenerate_title|delete|create|fork)$/;

/** These take most from outside. */
const LARGE = OPERATIONS.filter(({ id }) => ['session_create', 'team_load', 'session_events'].includes(id));

/** A request that somebody sends who wishes no good. */
export function hostileRequest(random: Random, ids: Ids): HostileRequest {
  const operation = random.pick(random.chance(0.2) ? LARGE : OPERATIONS);
  const request = basis(operation, random, ids);
  return random.pick(WAYS)(request, operation, random);
}

/** One that is in order but for the texts in it. */
function basis(operation: Described, random: Random, ids: Ids): HostileRequest & { value: unknown } {
  const known = WORKING.test(operation.id) ? [ids.missing] : [...ids.real, ids.missing];
  const fields = operation.query.filter(({ required }) => required || random.chance(0.4));
  const query = fields.map(({ name, schema }) => [name, String(allowedValue(schema, random, known, name))]);
  if (operation.id === 'session_events') query.push(['follow', 'false']);
  const unique = [...new Map(query.map(([name = '', value = '']) => [name, value]))];
  const value = operation.body === undefined ? undefined : allowedValue(operation.body, random, known);
  const headers: Record<string, string> = {};
  if (operation.body !== undefined) headers['content-type'] = 'application/json';
  if (operation.takesBytes) headers['content-type'] = 'text/plain';
  if (operation.changes && random.chance(0.3)) headers['idempotency-key'] = `k${random.below(1e9)}`;
  return {
    operation: operation.id,
    method: operation.method,
    target: withQuery(operation.path, unique),
    headers,
    body: operation.takesBytes ? bytes('x') : value === undefined ? undefined : bytes(JSON.stringify(value)),
    refused: !operation.allows(value ?? Object.fromEntries(unique)),
    value,
  };
}

type Way = (
  request: HostileRequest & { value: unknown },
  operation: Described,
  random: Random,
) => HostileRequest;

/** Each spoils one thing. */
const WAYS: readonly Way[] = [
  (request) => request,
  spoiledValue,
  spoiledValue,
  spoiledValue,
  spoiledText,
  spoiledText,
  spoiledQuery,
  spoiledQuery,
  spoiledMethod,
  spoiledPath,
  spoiledHeaders,
  spoiledHeaders,
];

/** One place of the body has something else in it, is missing, or has a neighbour that nobody knows. */
function spoiledValue(
  request: HostileRequest & { value: unknown },
  operation: Described,
  random: Random,
): HostileRequest {
  if (operation.body === undefined) return spoiledQuery(request, operation, random);
  const value = random.chance(0.1) ? hostileValue(random) : spoil(structuredClone(request.value), random);
  const text = JSON.stringify(value) ?? 'null';
  const isTooMuch = text.length > 1024 * 1024;
  return { ...request, body: bytes(text), refused: isTooMuch || !allowsParsed(operation, text) };
}

function allowsParsed(operation: Described, text: string): boolean {
  const value: unknown = JSON.parse(text);
  try {
    return !/"__proto__":/.test(text) && typeof value === 'object' && operation.allows(value);
  } catch (thrown) {
    // Too deep for the judge; the server refuses 201 levels.
    if (thrown instanceof RangeError) return false;
    throw thrown;
  }
}

function spoil(value: unknown, random: Random): unknown {
  if (typeof value !== 'object' || value === null || random.chance(0.3)) return hostileValue(random);
  if (Array.isArray(value)) {
    if (value.length === 0) return [hostileValue(random)];
    const place = random.below(value.length);
    return value.with(place, spoil(value[place], random));
  }
  const members = Object.entries(value as Record<string, unknown>);
  const member = members[random.below(members.length + 1)];
  if (member === undefined) return { ...value, [random.pick(TEXTS).slice(0, 80)]: hostileValue(random) };
  if (random.chance(0.2)) return Object.fromEntries(members.filter(([key]) => key !== member[0]));
  return Object.fromEntries(
    members.map(([key, inner]) => [key, key === member[0] ? spoil(inner, random) : inner]),
  );
}

/** What is no JSON object, or one that two readers would read in two ways. */
function spoiledText(request: HostileRequest, operation: Described, random: Random): HostileRequest {
  if (operation.body === undefined) return spoiledHeaders(request, operation, random);
  const text = new TextDecoder().decode(request.body);
  const body = random.pick<() => string | Uint8Array>([
    () => '',
    () => ' \n',
    () => 'null',
    () => '[]',
    () => '"text"',
    () => '{',
    () => `${text}${text}`,
    () => `${text}x`,
    () => text.slice(0, random.below(text.length)),
    () => `//${text}`,
    () => text.replace('{', "{'a':1,"),
    () => text.replace(/^\{/, '{"a":1,"a":2,'),
    () => `{"session_id":"${'['.repeat(300_000)}`,
    () => '['.repeat(500_000),
    () => '{"a":'.repeat(100_000),
    () => `{"a":"${'b'.repeat(1024 * 1024)}"}`,
    () => `{"a":NaN}`,
    () => `{"\\u005f\\u005fproto\\u005f\\u005f":{}}`,
    () => Uint8Array.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]),
    () => Uint8Array.from([0xff, 0xfe, 0x7b, 0, 0x7d, 0]),
    () => Uint8Array.from({ length: 1_000 }, () => random.below(256)),
  ])();
  return { ...request, body: typeof body === 'string' ? bytes(body) : body, refused: true };
}

function spoiledQuery(request: HostileRequest, operation: Described, random: Random): HostileRequest {
  const first = operation.query[0]?.name ?? 'session_id';
  const separator = request.target.includes('?') ? '&' : '?';
  const addition = random.pick([
    'x=1',
    `${first}=1&${first}=2`,
    '__proto__=1',
    'constructor=1',
    'session_id%00=1',
    `${'q'.repeat(3_000)}=1`,
    '=',
    'a[b]=1',
    '%ff=%fe',
    '%zz=1',
  ]);
  return { ...request, target: `${request.target}${separator}${addition}`, refused: true };
}

const METHODS = ['HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE', 'PROPFIND', 'BREW', 'GETT', 'M-SEARCH'];

function spoiledMethod(request: HostileRequest, operation: Described, random: Random): HostileRequest {
  const method = random.pick([...METHODS, operation.method === 'GET' ? 'POST' : 'GET']);
  const body = method === 'GET' || method === 'HEAD' ? undefined : request.body;
  return { ...request, method, body, refused: true };
}

function spoiledPath(request: HostileRequest, operation: Described, random: Random): HostileRequest {
  const { path } = operation;
  const targets = [
    `${path}/`,
    `/${path}`,
    path.replace('/v1/', '/v1//'),
    path.replace('/v1/', '/V1/'),
    path.replace('/v1/', '/v2/'),
    path.replace(/\/(?=[^/]*$)/, '%2f'),
    `${path}%00`,
    `${path}.json`,
    `${path};x=1`,
    `${path}/..`,
    '/v1/__proto__',
    '/v1/constructor/name',
    `/v1/${'a'.repeat(5_000)}`,
    '/v1/%F0%9F%92%A3/%ff',
    '/',
    '/..%2f..%2fetc/passwd',
    '/v1/session',
    '/metrics',
    '/.env',
  ];
  // What has no such part is what it was.
  const others = targets.filter((target) => target !== path && target.startsWith('/'));
  return { ...request, target: random.pick(others), refused: true };
}

function spoiledHeaders(request: HostileRequest, operation: Described, random: Random): HostileRequest {
  const { id, method, body, changes } = operation;
  const takesJson = body !== undefined;
  const isStream = method === 'GET' && /_events$|_follow$/.test(id);
  const plain = ['health', 'ready'].includes(id);
  const [headers, isRefused] = random.pick<[Record<string, string>, boolean]>([
    [
      {
        'content-type': random.pick([
          'text/plain',
          'application/jsonp',
          'application/json5',
          'multipart/form-data; boundary=x',
          ';',
          'application/x-www-form-urlencoded',
        ]),
      },
      takesJson,
    ],
    [
      { 'content-type': `application/json; charset=${random.pick(['latin1', 'utf-16', 'utf8x', '"'])}` },
      takesJson,
    ],
    [
      { 'content-encoding': random.pick(['gzip', 'br', 'deflate', 'identity, gzip']) },
      takesJson || operation.takesBytes,
    ],
    [
      {
        authorization: random.pick([
          'Bearer wrong',
          'Basic YTpi',
          'Bearer',
          'Bearer  ',
          `Bearer ${'x'.repeat(4_000)}`,
          'Digest x',
        ]),
      },
      !plain,
    ],
    [
      { 'last-event-id': random.pick(['-1', '1.5', 'x', '1e3', '0x10', '9'.repeat(30), '1 2', '\u00ff']) },
      isStream,
    ],
    [
      {
        range: random.pick([
          'bytes=9-1',
          'bytes=-',
          'bytes=a-b',
          `bytes=${'9'.repeat(400)}-`,
          'bytes=0-0,1-1',
        ]),
      },
      false,
    ],
    [{ 'idempotency-key': random.pick(['a b', 'k'.repeat(256), '\u00e9', 'a\tb']) }, changes || takesJson],
    [{ accept: random.pick(['text/html', '*/*;q=0', '\u00ff', 'application/json']) }, false],
    [
      { 'x-http-method-override': 'DELETE', 'x-forwarded-for': '127.0.0.1', forwarded: 'for=1;host=evil' },
      false,
    ],
    [{ 'x-request-id': 'mine', 'x-yonder-run-id': 'mine', cookie: 'a=b; '.repeat(500) }, false],
    [Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`x-h${n}`, 'v'.repeat(20)])), false],
  ]);
  return { ...request, headers: { ...request.headers, ...headers }, refused: request.refused || isRefused };
}

function withQuery(path: string, query: readonly (readonly [string, string])[]): string {
  if (query.length === 0) return path;
  return `${path}?${query.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value.toWellFormed())}`).join('&')}`;
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
