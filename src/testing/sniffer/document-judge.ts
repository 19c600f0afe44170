import { z } from 'zod';
import { routeOf, CONTRACT, type OperationName } from '../../protocol/contract/contract.ts';
import { openApiDocument } from '../../protocol/openapi/document.ts';
import type { JsonSchema } from '../../protocol/openapi/schemas.ts';

interface Read {
  components: { schemas: Record<string, JsonSchema> };
  paths: Record<string, Record<string, { responses: Record<string, { content?: Content }> }>>;
}
type Content = Record<string, { schema: JsonSchema }>;

/** The document as a client reads it: its text alone, with references where a JSON Schema by itself has them. */
let read: Read | undefined;
function document(): Read {
  read ??= JSON.parse(
    JSON.stringify(openApiDocument()).replaceAll('#/components/schemas/', '#/$defs/'),
  ) as Read;
  return read;
}

const judges = new Map<string, z.ZodType>();

function judgeOf(place: string, schema: () => JsonSchema | undefined): z.ZodType {
  const known = judges.get(place);
  if (known !== undefined) return known;
  const found = schema();
  const judge =
    found === undefined
      ? z.never({ error: `openapi.json has nothing for ${place}` })
      : z.fromJSONSchema({ ...found, $defs: document().components.schemas });
  judges.set(place, judge);
  return judge;
}

/** What openapi.json does not allow in a JSON answer; nothing where it fits. */
export function answerFaults(name: OperationName, status: number, value: unknown): string[] {
  const method = CONTRACT[name].http.toLowerCase();
  const judge = judgeOf(
    `${name} ${status}`,
    () => document().paths[routeOf(name)]?.[method]?.responses[status]?.content?.['application/json']?.schema,
  );
  return told(judge, value);
}

/** The same for one event. */
export function eventFaults(type: string, value: unknown): string[] {
  return told(
    judgeOf(`event ${type}`, () => document().components.schemas[`event_${type}`]),
    value,
  );
}

function told(judge: z.ZodType, value: unknown): string[] {
  const judged = judge.safeParse(value);
  return judged.success
    ? []
    : judged.error.issues.map(
        ({ path, message }) => `openapi.json, ${path.map(String).join('.')}: ${message}`,
      );
}
