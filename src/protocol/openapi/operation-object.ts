import { ACCEPTED, CONTRACT, type OperationName } from '../contract/contract.ts';
import type { OperationDeclaration, Transfer } from '../contract/declare.ts';
import { INPUT_ID_HEADER, RUN_ID_HEADER } from '../sse.ts';
import { reference, type JsonSchema, type Schemas } from './schemas.ts';
import { SUMMARIES } from './summaries.ts';

/** One operation: where its fields stand, what it answers and with which errors. `errors` are the responses that all share. */
export function operationObject(name: OperationName, schemas: Schemas, errors: JsonSchema): JsonSchema {
  const declaration: OperationDeclaration = CONTRACT[name];
  const { http, transfer, scope, changes, since, built } = declaration;
  const id = name.replaceAll('/', '_');
  const request = schemas.of(`${id}_request`, declaration.request, 'input');
  const parameters = [
    ...(http === 'GET' || transfer === 'upload' ? queryParameters(request, transfer) : []),
    ...(changes ? [{ $ref: '#/components/parameters/idempotency_key' }] : []),
    ...(http === 'GET' && transfer === 'stream' ? [{ $ref: '#/components/parameters/last_event_id' }] : []),
    ...(transfer === 'bytes' ? [{ $ref: '#/components/parameters/range' }] : []),
  ];
  return {
    operationId: id,
    tags: [name.split('/')[0]],
    summary: SUMMARIES[name],
    'x-scope': scope,
    'x-since': since,
    ...(built ? {} : { description: 'Not built yet: answers `unsupported`.', 'x-unsupported': true }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...bodyOf(transfer, http, request),
    responses: { ...answers(name, declaration, schemas, id), ...errors },
  };
}

/** The fields of a GET, and of an upload beside its bytes, whose type is its Content-Type. */
function queryParameters(request: JsonSchema, transfer: Transfer): JsonSchema[] {
  const properties = (request['properties'] ?? {}) as Record<string, JsonSchema>;
  const required = (request['required'] ?? []) as string[];
  return Object.entries(properties)
    .filter(([field]) => field !== 'media_type' || transfer !== 'upload')
    .map(([field, schema]) => ({
      name: field,
      in: 'query',
      required: required.includes(field),
      schema: asText(schema),
    }));
}

/** A field that can be text too is one in an address. */
function asText(schema: JsonSchema): JsonSchema {
  const options = schema['anyOf'];
  const text = Array.isArray(options)
    ? options.find((option: JsonSchema) => option['type'] === 'string')
    : undefined;
  return (text as JsonSchema | undefined) ?? schema;
}

function bodyOf(transfer: string, http: string, request: JsonSchema): JsonSchema {
  if (http === 'GET') return {};
  const content =
    transfer === 'upload'
      ? { '*/*': { schema: { type: 'string', format: 'binary' } } }
      : { 'application/json': { schema: request } };
  return { requestBody: { required: true, content } };
}

function answers(
  name: OperationName,
  { transfer, response }: OperationDeclaration,
  schemas: Schemas,
  id: string,
): JsonSchema {
  const headers = { 'x-request-id': { $ref: '#/components/headers/request_id' } };
  const json = (): JsonSchema => ({
    'application/json': { schema: schemas.of(`${id}_answer`, response, 'output') },
  });
  if (transfer === 'bytes') {
    const content = { '*/*': { schema: { type: 'string', format: 'binary' } } };
    return {
      200: { description: 'The bytes.', headers, content },
      206: { description: 'The range of them that was asked for.', headers, content },
    };
  }
  if (transfer !== 'stream') {
    const [status, description] = ACCEPTED.has(name) ? [202, 'It is in the inbox.'] : [200, 'Done.'];
    return { [status]: { description, headers, content: json() } };
  }
  const content = {
    'text/event-stream': { schema: { type: 'string' }, 'x-item-schema': reference('event') },
  };
  const description =
    'Events, one `data:` line of JSON each; `id:` is the number of a durable one. Comments are heartbeats, `retry:` asks to wait as many milliseconds.';
  if (name !== 'session/run') return { 200: { description, headers, content } };
  const named = Object.fromEntries(
    [RUN_ID_HEADER, INPUT_ID_HEADER].map((header) => [header, { schema: { type: 'string' } }]),
  );
  return {
    200: { description, headers: { ...headers, ...named }, content },
    202: { description: 'With `Accept: application/json`: the run has begun.', headers, content: json() },
  };
}
