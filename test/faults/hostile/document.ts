import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

export type JsonSchema = { [keyword: string]: unknown };

/** An operation as docs/openapi.json describes it; all that the generator knows of the server. */
export interface Described {
  id: string;
  path: string;
  method: 'GET' | 'POST';
  query: readonly { name: string; required: boolean; schema: JsonSchema }[];
  /** Absent where the body is bytes or there is none. */
  body: JsonSchema | undefined;
  takesBytes: boolean;
  /** Takes an Idempotency-Key. */
  changes: boolean;
  /** Whether the document allows such a body or query. */
  allows(value: unknown): boolean;
}

interface Parameter {
  $ref?: string;
  name: string;
  in: string;
  required?: boolean;
  schema: JsonSchema;
}
interface OperationObject {
  operationId: string;
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema: JsonSchema }> };
}

const root = path.dirname(path.dirname(path.dirname(import.meta.dirname)));
const text = readFileSync(path.join(root, 'docs/openapi.json'), 'utf8');
const document = JSON.parse(text.replaceAll('#/components/schemas/', '#/$defs/')) as {
  paths: Record<string, Record<string, OperationObject>>;
  components: { schemas: Record<string, JsonSchema> };
};
const $defs = document.components.schemas;

/** The schema that a reference stands for. */
export function resolved(schema: JsonSchema): JsonSchema {
  const reference = schema['$ref'];
  return typeof reference === 'string' ? resolved($defs[reference.replace('#/$defs/', '')] ?? {}) : schema;
}

export const OPERATIONS: readonly Described[] = Object.entries(document.paths).flatMap(([route, methods]) =>
  Object.entries(methods).map(([method, operation]) => described(route, method, operation)),
);

function described(route: string, method: string, operation: OperationObject): Described {
  const parameters = operation.parameters ?? [];
  const query = parameters
    .filter((parameter) => parameter.in === 'query')
    .map(({ name, required = false, schema }) => ({ name, required, schema }));
  const body = operation.requestBody?.content['application/json']?.schema;
  const judged = body ?? {
    type: 'object',
    properties: Object.fromEntries(query.map(({ name, schema }) => [name, schema])),
    required: query.filter(({ required }) => required).map(({ name }) => name),
    additionalProperties: false,
  };
  let judge: z.ZodType | undefined;
  return {
    id: operation.operationId,
    path: route,
    method: method === 'get' ? 'GET' : 'POST',
    query,
    body,
    takesBytes: operation.requestBody !== undefined && body === undefined,
    changes: parameters.some(({ $ref }) => $ref?.endsWith('/idempotency_key') === true),
    allows(value) {
      judge ??= z.fromJSONSchema({ ...judged, $defs });
      return judge.safeParse(value).success;
    },
  };
}
