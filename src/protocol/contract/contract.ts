import { z } from 'zod';
import {
  capabilitiesSchema,
  doctorCheckSchema,
  loadTeamAnswerSchema,
  modelInfoSchema,
  runSummarySchema,
} from './answers.ts';
import { JSON_POST, operation, type OperationDeclaration } from './declare.ts';
import { cursorSchema, loadTeamRequestSchema } from './payloads.ts';
import { mcpOperations } from './mcp.ts';
import { sessionHistory } from './session-history.ts';
import { sessionInputs } from './session-inputs.ts';
import { sessionReads } from './session-reads.ts';
import { sessionSettings } from './session-settings.ts';
import { sessionsOperations } from './sessions.ts';

const nothing = z.strictObject({});
const backend = { ...JSON_POST, on: 'backend' } as const;

/** Protocol version, `major.minor`; agreed on before the first request (R29). */
export const PROTOCOL_VERSION = '1.0';

/** Operation -> route, scope, schemas: the one const map that server, client and both arms are mapped from. */
export const CONTRACT = {
  capabilities: operation({
    ...backend,
    method: 'capabilities',
    http: 'GET',
    scope: 'read',
    changes: false,
    request: nothing,
    response: capabilitiesSchema,
  }),
  'team/list': operation({
    ...backend,
    method: 'listTeams',
    scope: 'read',
    changes: false,
    request: nothing,
    response: z.looseObject({
      teams: z.array(
        z.looseObject({
          name: z.string(),
          description: z.string(),
          agents: z.array(z.string()),
          trusted: z.boolean(),
        }),
      ),
    }),
  }),
  'team/load': operation({
    ...backend,
    method: 'loadTeam',
    scope: 'run',
    changes: false,
    request: loadTeamRequestSchema,
    response: loadTeamAnswerSchema,
  }),
  ...mcpOperations,
  ...sessionsOperations,
  ...sessionReads,
  ...sessionInputs,
  ...sessionSettings,
  ...sessionHistory,
  'upload/create': operation({
    ...backend,
    method: 'upload',
    scope: 'run',
    transfer: 'upload',
    changes: true,
    request: z.strictObject({ name: z.string().optional(), media_type: z.string() }),
    response: z.looseObject({ upload_id: z.string(), size: z.number(), sha256: z.string() }),
  }),
  'host/models': operation({
    ...backend,
    method: 'hostModels',
    scope: 'read',
    changes: false,
    request: nothing,
    response: z.looseObject({ models: z.array(modelInfoSchema) }),
  }),
  'host/doctor': operation({
    ...backend,
    method: 'doctor',
    scope: 'admin',
    changes: false,
    request: nothing,
    response: z.looseObject({ checks: z.array(doctorCheckSchema) }),
  }),
  'run/list': operation({
    ...backend,
    method: 'listRuns',
    scope: 'read',
    changes: false,
    request: nothing,
    response: z.looseObject({ runs: z.array(runSummarySchema) }),
  }),
  'run/follow': operation({
    ...backend,
    method: 'followRun',
    http: 'GET',
    scope: 'read',
    transfer: 'stream',
    changes: false,
    request: z.strictObject({ run_id: z.string(), after: cursorSchema.optional() }),
    response: nothing,
  }),
} as const satisfies Record<string, OperationDeclaration>;

export type Contract = typeof CONTRACT;
export type OperationName = keyof Contract;
export type RequestOf<Name extends OperationName> = z.input<Contract[Name]['request']>;
/** The request after the schema: defaults filled in. */
export type AcceptedOf<Name extends OperationName> = z.output<Contract[Name]['request']>;
export type ResponseOf<Name extends OperationName> = z.output<Contract[Name]['response']>;

export function isOperation(name: string): name is OperationName {
  return Object.hasOwn(CONTRACT, name);
}

export const OPERATIONS = Object.keys(CONTRACT) as OperationName[];

/** Operations that put a row into the inbox and are answered before it is taken: 202 over HTTP. */
export const ACCEPTED: ReadonlySet<OperationName> = new Set(['session/steer', 'session/follow_up']);

/** `/v1/<noun>/<verb>`. */
export function routeOf(name: OperationName): string {
  return `/v1/${name}`;
}

/** Sizes, depths and times that `/v1/capabilities` names; bytes and milliseconds. */
export const LIMITS = {
  body_bytes: 1024 * 1024,
  body_levels: 200,
  /** Fields and list items of a body, all its objects and lists together. */
  body_values: 10_000,
  upload_bytes: 64 * 1024 * 1024,
  prompt_file_bytes: 1024 * 1024,
  event_bytes: 1024 * 1024,
  steer_queue: 5,
  follow_up_queue: 20,
  heartbeat_ms: 15_000,
  page_events: 500,
  delegation_depth: 8,
  handoffs_per_run: 8,
} as const;
