import { z } from 'zod';
import { canonicalJson } from '../canonical-json.ts';
import {
  agentSummarySchema,
  modelInfoSchema,
  openSessionAnswerSchema,
  permissionsAnswerSchema,
  sessionSummarySchema,
  usageTotalsSchema,
} from '../contract/answers.ts';
import { inputMessageSchema, runtimeConfigSchema } from '../contract/payloads.ts';
import { hooksSchema } from '../contract/hooks.ts';
import { errorBodySchema } from '../error-body.ts';
import { pendingInteractionSchema } from '../interaction.ts';
import { messageSchema, toolCallSchema, toolDefinitionSchema } from '../message.ts';
import { permissionRulesSchema, safetySchema } from '../permissions.ts';
import { runnerDestinationSchema } from '../runner.ts';
import { needsTrustSchema, teamSourceSchema, teamWarningSchema } from '../team.ts';

export type JsonSchema = { [keyword: string]: unknown };
/** What goes to a server, or comes from one: defaults and transforms make the two differ. */
export type Direction = 'input' | 'output';

/** Shapes that occur in several places; each stands once in the document. Larger ones first, since they hold smaller ones. */
const SHARED: readonly (readonly [string, Direction, z.ZodType])[] = [
  ['runtime_config', 'input', runtimeConfigSchema],
  ['hooks', 'input', hooksSchema],
  ['team_source', 'input', teamSourceSchema],
  ['runner_destination', 'input', runnerDestinationSchema],
  ['input_message', 'input', inputMessageSchema],
  ['open_session', 'output', openSessionAnswerSchema],
  ['session_summary', 'output', sessionSummarySchema],
  ['permissions', 'output', permissionsAnswerSchema],
  ['permission_rules', 'output', permissionRulesSchema],
  ['pending_interaction', 'output', pendingInteractionSchema],
  ['message', 'output', messageSchema.loose()],
  ['tool_call', 'output', toolCallSchema],
  ['tool_definition', 'output', toolDefinitionSchema],
  ['model_info', 'output', modelInfoSchema],
  ['agent_summary', 'output', agentSummarySchema],
  ['usage_totals', 'output', usageTotalsSchema],
  ['needs_trust', 'output', needsTrustSchema],
  ['team_warning', 'output', teamWarningSchema],
  ['safety', 'output', safetySchema],
  ['error', 'output', errorBodySchema],
];

/** JSON Schemas of one document: shared shapes and recursive ones become components, the rest stays where it is. */
export class Schemas {
  readonly components: Record<string, JsonSchema> = {};
  readonly #names = new Map<string, string>();
  readonly #outlines = new Set<string>();
  readonly #recursive = new Map<string, string>();

  constructor() {
    const plain = SHARED.map(
      ([name, direction, schema]) => [name, this.#plain(name, schema, direction)] as const,
    );
    for (const [name, schema] of plain) {
      this.#names.set(canonicalJson(schema), name);
      this.#outlines.add(outlineOf(schema));
    }
    for (const [name, schema] of plain) this.components[name] = this.#withoutShared(schema) as JsonSchema;
  }

  /** The schema of a place; `name` is for what is recursive in it. */
  of(name: string, schema: z.ZodType, direction: Direction): JsonSchema {
    return this.#shared(this.#plain(name, schema, direction)) as JsonSchema;
  }

  /** A component of that name; gives the reference to it. */
  component(name: string, schema: JsonSchema): JsonSchema {
    this.components[name] = schema;
    return reference(name);
  }

  #plain(name: string, schema: z.ZodType, direction: Direction): JsonSchema {
    const made = z.toJSONSchema(schema, { io: direction, unrepresentable: 'any', reused: 'inline' });
    const { $schema: _, $defs = {}, ...plain } = made as JsonSchema & { $defs?: Record<string, JsonSchema> };
    const moved = new Map<string, string>();
    for (const [key, inner] of Object.entries($defs)) {
      // The same recursive shape in another place is the same component.
      const text = canonicalJson(inner);
      const known = this.#recursive.get(text);
      const component = known ?? `${name}_${key.replace(/^_+/, '')}`;
      this.#recursive.set(text, component);
      moved.set(`#/$defs/${key}`, component);
    }
    for (const [key, inner] of Object.entries($defs)) {
      const component = moved.get(`#/$defs/${key}`) ?? key;
      this.components[component] = withReferences(inner, moved) as JsonSchema;
    }
    return withReferences(plain, moved) as JsonSchema;
  }

  #shared(value: unknown): unknown {
    if (!isRecord(value)) return Array.isArray(value) ? value.map((item) => this.#shared(item)) : value;
    const name = this.#outlines.has(outlineOf(value)) ? this.#names.get(canonicalJson(value)) : undefined;
    return name === undefined ? this.#withoutShared(value) : reference(name);
  }

  #withoutShared(value: JsonSchema): unknown {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, this.#shared(inner)]));
  }
}

/** Equal schemas have the same; it is quickly made, and most places of a document have none of the shared ones. */
function outlineOf(schema: JsonSchema): string {
  const { properties, enum: words } = schema;
  return [
    ...Object.keys(schema),
    '',
    ...Object.keys(properties ?? {}),
    '',
    ...((words ?? []) as string[]),
  ].join();
}

export function reference(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}

function withReferences(value: unknown, moved: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((item) => withReferences(item, moved));
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).map(([key, inner]): [string, unknown] => {
    const name = key === '$ref' && typeof inner === 'string' ? moved.get(inner) : undefined;
    return name === undefined
      ? [key, withReferences(inner, moved)]
      : (Object.entries(reference(name))[0] ?? [key, inner]);
  });
  return Object.fromEntries(entries);
}

function isRecord(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
