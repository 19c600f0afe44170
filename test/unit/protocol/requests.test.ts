import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  decodeAnswer,
  decodeRequest,
  encodeRequest,
  fitToVersion,
} from '../../../src/protocol/contract/codec.ts';
import { CONTRACT, LIMITS, OPERATIONS, type OperationName } from '../../../src/protocol/contract/contract.ts';
import { YonderError } from '../../../src/protocol/errors.ts';
import { arbitraryOf } from './arbitrary.ts';

const BOOLEANS = { tools_approved: false, hide_tool_results: false, snapshots_enabled: false };

function faultOf(act: () => unknown): YonderError {
  try {
    act();
  } catch (thrown) {
    if (thrown instanceof YonderError) return thrown;
    throw thrown;
  }
  throw new Error('nothing was thrown');
}

/** As it would arrive: encoded, parsed, decoded. */
function carried(name: OperationName, request: unknown): unknown {
  return decodeRequest(name, JSON.parse(encodeRequest(name, request)));
}

test('an empty team/load is {}, an empty session/create its three booleans', () => {
  expect(encodeRequest('team/load', {})).toBe('{}');
  expect(encodeRequest('team/load', undefined)).toBe('{}');
  expect(encodeRequest('session/create', {})).toBe(JSON.stringify(BOOLEANS));
  expect(encodeRequest('session/create', { title: undefined, tools_approved: undefined })).toBe(
    JSON.stringify(BOOLEANS),
  );
});

test('no other operation writes a field that was not given', () => {
  for (const name of OPERATIONS) if (name !== 'session/create') expect(encodeRequest(name, {})).toBe('{}');
});

test('an explicit false stays, a true is not turned', () => {
  const text = encodeRequest('session/create', { tools_approved: true, hide_tool_results: false });
  expect(JSON.parse(text)).toEqual({ ...BOOLEANS, tools_approved: true });
  expect(encodeRequest('session/events', { session_id: 's', follow: false })).toBe(
    '{"session_id":"s","follow":false}',
  );
});

test('booleans that are absent on receipt are false', () => {
  expect(decodeRequest('session/create', {})).toEqual(BOOLEANS);
  expect(decodeRequest('session/create', { snapshots_enabled: true })).toEqual({
    ...BOOLEANS,
    snapshots_enabled: true,
  });
});

describe.each(OPERATIONS.map((name) => [name]))('%s', (name) => {
  test('what is sent is what arrives, and what is absent stays absent', () => {
    fc.assert(
      fc.property(arbitraryOf(CONTRACT[name].request), (request) => {
        const text = encodeRequest(name, request);
        const sent = name === 'session/create' ? { ...BOOLEANS, ...(request as object) } : request;
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(sent)));
        const received = decodeRequest(name, JSON.parse(text));
        expect(Object.keys(received as object).toSorted()).toEqual(Object.keys(JSON.parse(text)).toSorted());
        if (CONTRACT[name].http === 'POST') expect(received).toMatchObject(JSON.parse(text));
        // A second trip changes nothing: defaults are filled in once.
        expect(carried(name, received)).toEqual(received);
      }),
      { numRuns: 60 },
    );
  });

  test('an unknown field is named', () => {
    fc.assert(
      fc.property(arbitraryOf(CONTRACT[name].request), (request) => {
        const fault = faultOf(() => decodeRequest(name, { ...(request as object), surplus: null }));
        expect(fault.code).toBe('invalid_request');
        expect(fault.message).toBe(`${name}: unknown field surplus`);
        expect(fault.details).toEqual({ issues: [{ path: 'surplus', message: 'unknown field' }] });
      }),
      { numRuns: 10 },
    );
  });
});

/** Every object of a request gets a field that nobody declared; each must be named by its path. */
function spoiled(value: unknown, path: string, paths: string[], schema: z.core.$ZodType): unknown {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type === 'optional' || def.type === 'default' || def.type === 'prefault' || def.type === 'nullable')
    return spoiled(value, path, paths, def.innerType);
  const below = (key: string): string => (path === '' ? key : `${path}.${key}`);
  if (def.type === 'union' && typeof value === 'object') {
    const option = def.options.find((one) => (one as z.ZodType).safeParse(value).success);
    return option === undefined ? value : spoiled(value, path, paths, option);
  }
  if (def.type === 'array' && Array.isArray(value))
    return value.map((item, index) => spoiled(item, below(String(index)), paths, def.element));
  if (def.type !== 'object' || typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).map(([key, field]) => {
    const inner = def.shape[key];
    return [key, inner === undefined ? field : spoiled(field, below(key), paths, inner)];
  });
  paths.push(below('surplus'));
  return { ...Object.fromEntries(fields), surplus: 1 };
}

test.each<[OperationName, unknown, number]>([
  ['team/load', { source: { kind: 'inline', entry: 'a', files: {} }, trust: { digest: 'd' } }, 3],
  [
    'team/load',
    {
      runtime_config: {
        cassette: { mode: 'replay' },
        hooks: { stop: [{ command: 'x' }], pre_tool_use: [{ hooks: [{ type: 'builtin' }] }] },
      },
      prompt_files: [{ name: 'a', upload_id: 'u' }],
    },
    8,
  ],
  [
    'session/create',
    {
      permissions: { allow: ['x'] },
      user_permissions: {},
      project_permissions: {},
      budget: { max_cost: 1 },
      runner: {
        id: 'r',
        provider_id: 'p',
        default_manifest: {
          entries: [{ source: 'a', target: 'b', writable: true }],
          mounts: [{ name: 'm', path: 'p', read_only: true, intent: { kind: 's3', uri: 'u' } }],
        },
      },
    },
    10,
  ],
  [
    'session/run',
    {
      session_id: 's',
      messages: [
        {
          content: 'a',
          parts: [
            { type: 'text', text: 'b' },
            { type: 'file', upload_id: 'u', name: 'n', media_type: 'm/m' },
          ],
        },
      ],
    },
    4,
  ],
])('unknown fields of %s are named at every depth', (name, request, count) => {
  const paths: string[] = [];
  const bad = spoiled(request, '', paths, CONTRACT[name].request);
  expect(paths).toHaveLength(count);
  const fault = faultOf(() => decodeRequest(name, bad));
  expect(fault.details).toEqual({
    issues: expect.arrayContaining(paths.map((path) => ({ path, message: 'unknown field' }))),
  });
  expect(fault.details?.['issues']).toHaveLength(count);
  for (const path of paths) expect(fault.message).toContain(`unknown field ${path}`);
});

test('a wrong value is named with its path, and __proto__ is no way in', () => {
  expect(faultOf(() => decodeRequest('session/pause', { session_id: 's', paused: 'yes' })).message).toBe(
    'session/pause: paused: Invalid input: expected boolean, received string',
  );
  expect(faultOf(() => decodeRequest('session/events', { session_id: 's', after: '-1' })).message).toBe(
    'session/events: after: must be the number of an event, or 0',
  );
  expect(faultOf(() => decodeRequest('team/load', [])).message).toContain('team/load: the body: ');
  const polluted: unknown = JSON.parse('{"__proto__":{"source":{"kind":"builtin","name":"x"}}}');
  expect(faultOf(() => decodeRequest('team/load', polluted)).message).toBe(
    'team/load: a field cannot be called __proto__',
  );
});

test('numbers and flags of a GET are text', () => {
  expect(decodeRequest('session/events', { session_id: 's', after: '7', follow: 'false' })).toEqual({
    session_id: 's',
    after: 7,
    follow: false,
  });
  for (const after of ['', ' 1', '1e3', '0x10', '1.5', 'null', null, true, -1, 1.5])
    expect(faultOf(() => decodeRequest('session/events', { session_id: 's', after })).code).toBe(
      'invalid_request',
    );
});

test('a body is bounded by its bytes, not by its characters', () => {
  const frame = JSON.stringify({ session_id: 's', title: '' }).length;
  const fitting = 'x'.repeat(LIMITS.body_bytes - frame);
  expect(encodeRequest('session/title', { session_id: 's', title: fitting })).toHaveLength(LIMITS.body_bytes);
  for (const title of [`${fitting}x`, `${fitting.slice(1)}é`]) {
    expect(faultOf(() => encodeRequest('session/title', { session_id: 's', title }))).toMatchObject({
      code: 'payload_too_large',
      message: 'the body is over 1048576 bytes; upload large content with upload/create',
    });
  }
});

test('what JSON cannot say, or nobody can read, is invalid_request', () => {
  const circle: Record<string, unknown> = {};
  circle['itself'] = circle;
  for (const request of [circle, { content: 1n }])
    expect(faultOf(() => encodeRequest('session/answer', request)).message).toMatch(
      /^session\/answer: the request is not JSON: /,
    );
  const nested = (levels: number): unknown => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`);
  const create = (config: unknown) => ({ runner: { id: 'a', provider_id: 'b', config } });
  expect(carried('session/create', create(nested(198)))).toMatchObject(create(nested(198)));
  for (const levels of [199, 3_000])
    expect(faultOf(() => carried('session/create', create(nested(levels)))).message).toBe(
      'session/create: the body is nested over 200 levels deep',
    );
  expect(faultOf(() => carried('session/create', create(nested(50_000)))).code).toBe('invalid_request');
});

test('an answer keeps what is unknown, is frozen at every depth, and must be what the contract says', () => {
  const answer = decodeAnswer('host/models', {
    models: [{ name: 'n', provider: 'p', model: 'm', new: {} }],
    more: 1,
  });
  expect(answer).toEqual({ models: [{ name: 'n', provider: 'p', model: 'm', new: {} }], more: 1 });
  expect(() => Object.assign((answer as { models: object[] }).models[0] ?? {}, { name: 'x' })).toThrow(
    TypeError,
  );
  expect(faultOf(() => decodeAnswer('host/models', { models: [{ name: 1 }] }))).toMatchObject({
    code: 'internal',
    message: expect.stringMatching(
      /^the answer to host\/models is not what the protocol says: models\.0\.name: /,
    ),
  });
});

describe('an older server of the same major version (R29)', () => {
  const declaration = {
    since: '1.1',
    request: z.strictObject({
      old: z.string().optional(),
      mode: z.enum(['a', 'b']).default('a').meta({ since: '1.3' }),
      extra: z.string().optional().meta({ since: '1.3' }),
    }),
  };

  test('gets no newer field at its default', () => {
    const request = { old: 'x', mode: 'a', extra: undefined };
    expect(fitToVersion('a/b', declaration, request, '1.2')).toEqual({ old: 'x' });
    expect(fitToVersion('a/b', declaration, { ...request, mode: 'b' }, '1.3')).toEqual({
      old: 'x',
      mode: 'b',
    });
    expect(fitToVersion('a/b', declaration, { mode: 'b' }, '1.10')).toEqual({ mode: 'b' });
  });

  test('a newer field that is set, and a newer operation, are unsupported before any request', () => {
    for (const request of [{ mode: 'b' }, { extra: '' }])
      expect(faultOf(() => fitToVersion('a/b', declaration, request, '1.2'))).toMatchObject({
        code: 'unsupported',
        feature: `a/b: ${Object.keys(request)[0]}`,
      });
    expect(faultOf(() => fitToVersion('a/b', declaration, {}, '1.0')).message).toBe(
      'a/b is not supported by this server: it speaks protocol 1.0, this client 1.0',
    );
  });
});
