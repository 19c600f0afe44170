import { z } from 'zod';
import { CONTRACT, OPERATIONS, PROTOCOL_VERSION, routeOf } from '../contract/contract.ts';
import { ERRORS, type ErrorCode } from '../errors.ts';
import { durableFields, previewFields, type EventDeclaration, type EventKind } from '../events/declare.ts';
import { EVENTS } from '../events/events.ts';
import { operationObject } from './operation-object.ts';
import { Schemas, reference, type JsonSchema } from './schemas.ts';

/** The contract as an OpenAPI 3.1 document: docs/openapi.json, and what a server answers at `/openapi.json`. */
export function openApiDocument(): JsonSchema {
  const schemas = new Schemas();
  eventSchemas(schemas);
  const { responses, references } = errorResponses();
  const paths: Record<string, JsonSchema> = plainPaths(references);
  for (const name of OPERATIONS)
    paths[routeOf(name)] = {
      [CONTRACT[name].http.toLowerCase()]: operationObject(name, schemas, references),
    };
  return {
    openapi: '3.1.0',
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    info: {
      title: 'Yonder',
      version: PROTOCOL_VERSION,
      summary:
        'Teams of AI agents on a server: the same operations, events and errors as in a run on this machine.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }],
    tags: [...new Set(OPERATIONS.map((name) => name.split('/')[0]))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
      parameters: PARAMETERS,
      headers: {
        request_id: {
          description: 'Stands in the log of the server, and in an error as `http_request_id`.',
          schema: { type: 'string' },
        },
        retry_after: { description: 'Seconds.', schema: { type: 'string' } },
      },
      responses,
      schemas: Object.fromEntries(Object.entries(schemas.components).toSorted(byName)),
    },
  };
}

const PARAMETERS: Record<string, JsonSchema> = {
  idempotency_key: {
    name: 'Idempotency-Key',
    in: 'header',
    description:
      'A repeat with the same key and body gets the first outcome; with another body it is `idempotency_conflict`.',
    schema: { type: 'string', pattern: '^[\\x21-\\x7e]{1,255}$' },
  },
  last_event_id: {
    name: 'Last-Event-ID',
    in: 'header',
    description: 'The last number that was read; beats `after`.',
    schema: { type: 'string', pattern: '^\\d{1,15}$' },
  },
  range: {
    name: 'Range',
    in: 'header',
    description: 'One range of bytes.',
    schema: { type: 'string', pattern: '^bytes=\\d*-\\d*$' },
  },
};

/** What needs no operation: whether the server lives, whether it can work, and this document. */
function plainPaths(errors: JsonSchema): Record<string, JsonSchema> {
  const state = (id: string, word: string, summary: string, failing: readonly string[]): JsonSchema => ({
    get: {
      operationId: id,
      summary,
      security: [],
      responses: {
        200: {
          description: 'Yes.',
          content: {
            'application/json': {
              schema: { type: 'object', properties: { status: { const: word } }, required: ['status'] },
            },
          },
        },
        ...Object.fromEntries(failing.map((status) => [status, errors[status]])),
      },
    },
  });
  return {
    '/health': state('health', 'ok', 'Whether the server answers', ['400']),
    '/ready': state('ready', 'ready', 'Whether the server can work', ['400', '503']),
    '/openapi.json': {
      get: {
        operationId: 'openapi',
        summary: 'This document',
        responses: {
          200: {
            description: 'The document.',
            content: { 'application/json': { schema: { type: 'object' } } },
          },
          ...errors,
        },
      },
    },
  };
}

/** A response per status of the one table of errors, with the codes that have it. */
function errorResponses(): { responses: Record<string, JsonSchema>; references: JsonSchema } {
  const codes = Object.keys(ERRORS) as ErrorCode[];
  const statuses = [...new Set(codes.map((code) => ERRORS[code].status))].toSorted((a, b) => a - b);
  const responses: Record<string, JsonSchema> = {};
  for (const status of statuses) {
    const of = codes.filter((code) => ERRORS[code].status === status);
    const error = { type: 'object', properties: { code: { enum: of } } };
    responses[`error_${status}`] = {
      description: `One of ${of.map((code) => `\`${code}\``).join(', ')}.`,
      headers: {
        'x-request-id': { $ref: '#/components/headers/request_id' },
        ...(of.some((code) => ERRORS[code].retryable || code === 'model_error')
          ? { 'retry-after': { $ref: '#/components/headers/retry_after' } }
          : {}),
      },
      content: {
        'application/json': {
          schema: { allOf: [reference('error'), { type: 'object', properties: { error } }] },
        },
      },
    };
  }
  const references = Object.fromEntries(
    statuses.map((status) => [status, { $ref: `#/components/responses/error_${status}` }]),
  );
  return { responses, references };
}

const COMMON: Record<EventKind, z.ZodRawShape> = {
  durable: durableFields,
  preview: previewFields,
  connection: {},
};

/** `event` is any of the declared ones, each a component `event_<type>`; a reader passes unknown types on. */
function eventSchemas(schemas: Schemas): void {
  const references = Object.entries(EVENTS).map(([type, declaration]: [string, EventDeclaration]) => {
    const { kind, about, shape } = declaration;
    const schema = schemas.of(
      `event_${type}`,
      z.looseObject({ type: z.literal(type), ...COMMON[kind], ...shape }),
      'output',
    );
    return schemas.component(`event_${type}`, { description: about, 'x-kind': kind, ...schema });
  });
  schemas.component('event', {
    anyOf: [...references, { type: 'object', properties: { type: { type: 'string' } }, required: ['type'] }],
  });
}

function byName([left]: [string, unknown], [right]: [string, unknown]): number {
  return left < right ? -1 : 1;
}
