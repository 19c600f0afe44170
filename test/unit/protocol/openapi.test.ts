import { expect, test } from 'vitest';
import { z } from 'zod';
import { CONTRACT, OPERATIONS, routeOf } from '../../../src/protocol/contract/contract.ts';
import { errorToBody } from '../../../src/protocol/error-body.ts';
import { ERRORS, YonderError, type ErrorCode } from '../../../src/protocol/errors.ts';
import { EVENTS } from '../../../src/protocol/events/events.ts';
import { openApiDocument } from '../../../src/protocol/openapi/document.ts';

const schemaObject = z.record(z.string(), z.unknown());
const referenceObject = z.strictObject({ $ref: z.string().startsWith('#/components/') });
const content = z.record(z.string(), z.looseObject({ schema: schemaObject }));
const parameterObject = z.strictObject({
  name: z.string().min(1),
  in: z.enum(['query', 'header', 'path', 'cookie']),
  required: z.boolean().optional(),
  description: z.string().optional(),
  schema: schemaObject,
});
const responseObject = z.strictObject({
  description: z.string().min(1),
  headers: z
    .record(z.string(), z.union([referenceObject, z.looseObject({ schema: schemaObject })]))
    .optional(),
  content: content.optional(),
});
const operationObject = z.strictObject({
  operationId: z.string().regex(/^[a-z_]+$/),
  tags: z.array(z.string()).optional(),
  summary: z.string().min(1),
  description: z.string().optional(),
  security: z.array(z.record(z.string(), z.array(z.string()))).optional(),
  parameters: z.array(z.union([referenceObject, parameterObject])).optional(),
  requestBody: z.strictObject({ required: z.literal(true), content }).optional(),
  responses: z.record(z.string().regex(/^[2-5]\d\d$/), z.union([referenceObject, responseObject])),
  'x-scope': z.enum(['read', 'run', 'approve', 'admin']).optional(),
  'x-since': z.string().optional(),
  'x-unsupported': z.literal(true).optional(),
});

/** The structure of OpenAPI 3.1, as far as this document uses it; anything else in it is a fault. */
const documentSchema = z.strictObject({
  openapi: z.literal('3.1.0'),
  jsonSchemaDialect: z.url(),
  info: z.strictObject({
    title: z.string(),
    version: z.string(),
    summary: z.string(),
    license: z.strictObject({ name: z.string(), identifier: z.string() }),
  }),
  servers: z.array(z.strictObject({ url: z.string() })),
  security: z.tuple([z.strictObject({ bearer: z.tuple([]) })]),
  tags: z.array(z.strictObject({ name: z.string() })),
  paths: z.record(
    z.string().startsWith('/'),
    z.strictObject({ get: operationObject.optional(), post: operationObject.optional() }),
  ),
  components: z.strictObject({
    securitySchemes: z.strictObject({
      bearer: z.strictObject({ type: z.literal('http'), scheme: z.literal('bearer') }),
    }),
    parameters: z.record(z.string(), parameterObject),
    headers: z.record(z.string(), z.looseObject({ schema: schemaObject })),
    responses: z.record(z.string(), responseObject),
    schemas: z.record(z.string().regex(/^[A-Za-z0-9._-]+$/), schemaObject),
  }),
});

const document = documentSchema.parse(JSON.parse(JSON.stringify(openApiDocument())));
const operations = Object.values(document.paths).flatMap(({ get, post }) =>
  [get, post].filter((one) => one !== undefined),
);

test('every reference leads somewhere, and nothing stands in the document that nobody refers to', () => {
  const references = new Set<string>();
  JSON.stringify(document, (key, value: unknown) => {
    if (key === '$ref') references.add(String(value));
    return value;
  });
  const held = Object.entries(document.components).flatMap(([kind, parts]) =>
    Object.keys(parts).map((name) => `#/components/${kind}/${name}`),
  );
  expect([...references].filter((reference) => !held.includes(reference))).toEqual([]);
  const unused = held.filter((place) => !references.has(place));
  expect(unused).toEqual(['#/components/securitySchemes/bearer']);
});

test('every schema is one that can be compiled', () => {
  const $defs = JSON.parse(
    JSON.stringify(document.components.schemas).replaceAll('#/components/schemas/', '#/$defs/'),
  );
  for (const name of Object.keys($defs)) {
    // No value is asked for here: a schema with a mistake throws.
    expect(() => z.fromJSONSchema({ $ref: `#/$defs/${name}`, $defs }).safeParse({}), name).not.toThrow();
  }
});

test('operations have an id each, and every one of the contract is there once', () => {
  const ids = operations.map(({ operationId }) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.toSorted()).toEqual(
    [...OPERATIONS.map((name) => name.replaceAll('/', '_')), 'health', 'ready', 'openapi'].toSorted(),
  );
});

test.each(OPERATIONS)('%s says method, scope, headers, answers and errors', (name) => {
  const { http, scope, changes, transfer, built } = CONTRACT[name];
  const { get, post } = document.paths[routeOf(name)] ?? {};
  const operation = http === 'GET' ? get : post;
  if (operation === undefined) throw new Error(`${name} is missing`);
  expect(http === 'GET' ? post : get).toBeUndefined();
  expect(operation['x-scope']).toBe(scope);
  expect(operation['x-unsupported'] ?? false).toBe(!built);
  const parameters = operation.parameters ?? [];
  const shared = parameters.flatMap((parameter) =>
    '$ref' in parameter ? [parameter.$ref.split('/').at(-1)] : [],
  );
  expect(shared.includes('idempotency_key')).toBe(changes);
  expect(shared.includes('last_event_id')).toBe(http === 'GET' && transfer === 'stream');
  expect(shared.includes('range')).toBe(transfer === 'bytes');
  expect(operation.requestBody === undefined).toBe(http === 'GET');
  const types = Object.entries(operation.responses).flatMap(([status, response]) =>
    'content' in response ? Object.keys(response.content ?? {}).map((type) => `${status} ${type}`) : [],
  );
  const EXPECTED = {
    json: [
      name === 'session/steer' || name === 'session/follow_up'
        ? '202 application/json'
        : '200 application/json',
    ],
    upload: ['200 application/json'],
    bytes: ['200 */*', '206 */*'],
    stream: ['200 text/event-stream', ...(name === 'session/run' ? ['202 application/json'] : [])],
  };
  expect(types).toEqual(EXPECTED[transfer]);
  const statuses = new Set(Object.values(ERRORS).map(({ status }) => String(status)));
  expect(Object.keys(operation.responses).filter((status) => status >= '400')).toEqual(
    [...statuses].toSorted(),
  );
});

test('the fields of a GET are query parameters in the form of text', () => {
  const parameters = document.paths['/v1/session/events']?.get?.parameters?.flatMap((parameter) =>
    '$ref' in parameter ? [] : [[parameter.name, parameter.required, parameter.schema]],
  );
  expect(parameters).toEqual([
    ['session_id', true, { type: 'string' }],
    ['after', false, { type: 'string', pattern: '^\\d{1,15}$' }],
    ['run_id', false, { type: 'string' }],
    ['follow', false, { type: 'string', enum: ['true', 'false'] }],
  ]);
});

test('requests are closed and answers open, at the top and below', () => {
  const create = document.paths['/v1/session/create']?.post;
  const json = create?.requestBody?.content['application/json'];
  expect(json?.schema['additionalProperties']).toBe(false);
  expect(document.components.schemas['runtime_config']?.['additionalProperties']).toBe(false);
  expect(document.components.schemas['session_summary']?.['additionalProperties']).toEqual({});
  expect(json?.schema['required']).toBeUndefined();
});

test('each status has the codes that the table of errors gives it, and an error has its form', () => {
  const $defs = JSON.parse(
    JSON.stringify(document.components.schemas).replaceAll('#/components/schemas/', '#/$defs/'),
  );
  for (const code of Object.keys(ERRORS) as ErrorCode[]) {
    const response = document.components.responses[`error_${ERRORS[code].status}`];
    const { schema = {} } = response?.content?.['application/json'] ?? {};
    const plain = JSON.parse(JSON.stringify(schema).replaceAll('#/components/schemas/', '#/$defs/'));
    const judge = z.fromJSONSchema({ ...plain, $defs });
    const body = errorToBody(new YonderError(code, 'words'), 'h');
    expect([code, judge.safeParse(body).success]).toEqual([code, true]);
    const foreign = { error: { ...body.error, code: 'teapot' } };
    expect([code, judge.safeParse(foreign).success]).toEqual([code, false]);
  }
});

test('every event has its schema with its kind', () => {
  for (const [type, { kind }] of Object.entries(EVENTS))
    expect(document.components.schemas[`event_${type}`]?.['x-kind']).toBe(kind);
});
