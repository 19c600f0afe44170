import { z } from 'zod';
import { answerDecisionSchema } from '../interaction.ts';
import { permissionRulesSchema, safetySchema, unattendedSchema } from '../permissions.ts';
import {
  agentSummarySchema,
  createSessionAnswerSchema,
  modelInfoSchema,
  openSessionAnswerSchema,
  permissionsAnswerSchema,
  queueSchema,
  sessionSummarySchema,
  toolsAnswerSchema,
  transcriptAnswerSchema,
  usageTotalsSchema,
} from './answers.ts';
import { JSON_POST, LATER, operation } from './declare.ts';
import { createSessionRequestSchema, cursorSchema, flagSchema, inputMessageSchema } from './payloads.ts';

const ofSession = z.strictObject({ session_id: z.string() });
const nothing = z.strictObject({});
const accepted = z.looseObject({ input_id: z.string() });
const messages = z.array(inputMessageSchema).min(1);
const list = <Item extends z.ZodType>(name: string, item: Item) =>
  z.looseObject({ [name]: z.array(item), as_of: z.number() });
const read = { ...JSON_POST, on: 'runtime', scope: 'read', changes: false } as const;
const change = { ...JSON_POST, on: 'runtime', scope: 'run', changes: true } as const;
const later = { ...LATER, on: 'runtime', changes: false, response: z.looseObject({}) } as const;
const laterChange = { ...later, scope: 'run', changes: true } as const;

/** What a whole backend does with sessions. */
export const sessionsOperations = {
  'session/create': operation({
    ...JSON_POST,
    method: 'createSession',
    on: 'backend',
    scope: 'run',
    changes: true,
    request: createSessionRequestSchema,
    response: createSessionAnswerSchema,
  }),
  'session/list': operation({
    ...JSON_POST,
    method: 'listSessions',
    on: 'backend',
    scope: 'read',
    changes: false,
    request: z.strictObject({
      query: z.string().optional(),
      cwd: z.string().optional(),
      starred: z.boolean().optional(),
      limit: z.number().int().min(1).max(500).optional(),
      page: z.string().optional(),
    }),
    response: z.looseObject({ sessions: z.array(sessionSummarySchema), next_page: z.string().optional() }),
  }),
  'session/search': operation({
    ...JSON_POST,
    method: 'searchSessions',
    on: 'backend',
    scope: 'read',
    changes: false,
    request: z.strictObject({
      query: z.string(),
      cwd: z.string().optional(),
      starred: z.boolean().optional(),
      limit: z.number().int().min(1).max(500).optional(),
      page: z.string().optional(),
    }),
    response: z.looseObject({ sessions: z.array(sessionSummarySchema), next_page: z.string().optional() }),
  }),
  'session/delete': operation({
    ...JSON_POST,
    method: 'deleteSessions',
    on: 'backend',
    scope: 'run',
    changes: true,
    request: z.strictObject({
      session_id: z.string().optional(),
      session_ids: z.array(z.string()).optional(),
    }),
    response: z.looseObject({ deleted: z.array(z.string()) }),
  }),
} as const;

/** What one open session does. */
export const sessionOperations = {
  'session/open': operation({
    ...read,
    method: 'open',
    request: ofSession,
    response: openSessionAnswerSchema,
  }),
  'session/transcript': operation({
    ...read,
    method: 'transcript',
    request: ofSession.extend({
      limit: z.number().int().min(1).optional(),
      before: z.string().optional(),
      include_children: z.boolean().optional(),
    }),
    response: transcriptAnswerSchema,
  }),
  'session/events': operation({
    ...read,
    method: 'follow',
    http: 'GET',
    transfer: 'stream',
    request: ofSession.extend({
      after: cursorSchema.optional(),
      run_id: z.string().optional(),
      follow: flagSchema.optional(),
    }),
    response: nothing,
  }),
  'session/run': operation({
    ...change,
    method: 'run',
    transfer: 'stream',
    request: ofSession.extend({
      messages,
      max_iterations: z.number().int().min(0).optional(),
      unattended: unattendedSchema.optional(),
    }),
    response: z.looseObject({ run_id: z.string(), input_id: z.string() }),
  }),
  'session/steer': operation({
    ...change,
    method: 'steer',
    request: ofSession.extend({ messages }),
    response: accepted.extend({ started_run: z.string().optional(), interrupted: z.boolean().optional() }),
  }),
  'session/follow_up': operation({
    ...change,
    method: 'followUp',
    request: ofSession.extend({ messages }),
    response: accepted.extend({ started_run: z.string().optional(), interrupted: z.boolean().optional() }),
  }),
  'session/answer': operation({
    ...change,
    method: 'answer',
    scope: 'approve',
    request: ofSession.extend({
      request_id: z.string(),
      decision: answerDecisionSchema,
      reason: z.string().optional(),
      content: z.record(z.string(), z.unknown()).optional(),
      rule: z.string().optional(),
    }),
    response: accepted,
  }),
  'session/claim': operation({
    ...laterChange,
    method: 'claim',
    scope: 'approve',
    request: ofSession.extend({ request_id: z.string() }),
  }),
  'session/interrupt': operation({
    ...change,
    method: 'interrupt',
    request: ofSession.extend({ run_id: z.string().optional(), include_background: z.boolean().optional() }),
    response: z.looseObject({ was_running: z.boolean(), input_id: z.string().optional() }),
  }),
  'session/pause': operation({
    ...change,
    method: 'pause',
    request: ofSession.extend({ paused: z.boolean() }),
    response: accepted.extend({ paused: z.boolean() }),
  }),
  'session/agent': operation({
    ...change,
    method: 'setAgent',
    request: ofSession.extend({ agent_name: z.string() }),
    response: accepted.extend({ agent_name: z.string() }),
  }),
  'session/agent_info': operation({
    ...read,
    method: 'agentInfo',
    request: ofSession,
    response: agentSummarySchema.extend({ as_of: z.number(), welcome_message: z.string().optional() }),
  }),
  'session/tools': operation({ ...read, method: 'tools', request: ofSession, response: toolsAnswerSchema }),
  'session/toolsets': operation({
    ...read,
    method: 'toolsets',
    request: ofSession,
    response: list(
      'toolsets',
      z.looseObject({ name: z.string(), type: z.string(), state: z.string(), tools: z.array(z.string()) }),
    ),
  }),
  'session/models': operation({
    ...read,
    method: 'models',
    request: ofSession,
    response: list('models', modelInfoSchema),
  }),
  'session/commands': operation({ ...later, method: 'commands', scope: 'read', request: ofSession }),
  'session/skills': operation({ ...later, method: 'skills', scope: 'read', request: ofSession }),
  'session/prompts': operation({ ...later, method: 'prompts', scope: 'read', request: ofSession }),
  'session/permissions': operation({
    ...read,
    method: 'permissions',
    request: ofSession,
    response: permissionsAnswerSchema.extend({ as_of: z.number() }),
  }),
  'session/queue': operation({
    ...read,
    method: 'queue',
    request: ofSession,
    response: queueSchema.extend({ as_of: z.number() }),
  }),
  'session/usage': operation({
    ...read,
    method: 'usage',
    request: ofSession,
    response: usageTotalsSchema.extend({ as_of: z.number() }),
  }),
  'session/snapshots': operation({ ...later, method: 'snapshots', scope: 'read', request: ofSession }),
  'session/toolset_restart': operation({
    ...laterChange,
    method: 'restartToolset',
    request: ofSession.extend({ toolset: z.string() }),
  }),
  'session/set_model': operation({
    ...change,
    method: 'setModel',
    request: ofSession.extend({ agent_name: z.string().optional(), model: z.string() }),
    response: accepted.extend({ model: z.string() }),
  }),
  'session/set_permissions': operation({
    ...change,
    method: 'setPermissions',
    scope: 'approve',
    request: ofSession.extend({ permissions: permissionRulesSchema.partial() }),
    response: accepted,
  }),
  'session/set_safety': operation({
    ...change,
    method: 'setSafety',
    scope: 'approve',
    request: ofSession.extend({ safety: safetySchema }),
    response: accepted.extend({ safety: safetySchema }),
  }),
  'session/compact': operation({
    ...change,
    method: 'compact',
    request: ofSession.extend({ instruction: z.string().optional() }),
    response: accepted.extend({ run_id: z.string() }),
  }),
  'session/prompt': operation({
    ...laterChange,
    method: 'prompt',
    request: ofSession.extend({ name: z.string(), arguments: z.record(z.string(), z.string()).optional() }),
  }),
  'session/skill': operation({
    ...laterChange,
    method: 'skill',
    request: ofSession.extend({ name: z.string(), arguments: z.string().optional() }),
  }),
  'session/command': operation({
    ...laterChange,
    method: 'command',
    request: ofSession.extend({ name: z.string(), arguments: z.array(z.string()).optional() }),
  }),
  'session/title': operation({
    ...change,
    method: 'setTitle',
    request: ofSession.extend({ title: z.string().min(1).max(200) }),
    response: accepted.extend({ title: z.string() }),
  }),
  'session/regenerate_title': operation({
    ...change,
    method: 'regenerateTitle',
    request: ofSession,
    response: accepted,
  }),
  'session/star': operation({
    ...change,
    method: 'setStarred',
    request: ofSession.extend({ starred: z.boolean() }),
    response: accepted.extend({ starred: z.boolean() }),
  }),
  'session/fork': operation({
    ...laterChange,
    method: 'fork',
    request: ofSession.extend({ at: z.string().optional() }),
  }),
  'session/undo': operation({
    ...laterChange,
    method: 'undo',
    request: ofSession.extend({ at: z.string().optional() }),
  }),
  'session/reset': operation({
    ...laterChange,
    method: 'reset',
    request: ofSession.extend({ at: z.string().optional() }),
  }),
  'session/export': operation({
    ...later,
    method: 'exportSession',
    scope: 'read',
    request: ofSession.extend({ format: z.enum(['json', 'markdown', 'html']) }),
  }),
  'session/cassette': operation({
    ...read,
    method: 'cassette',
    http: 'GET',
    transfer: 'bytes',
    scope: 'run',
    request: ofSession,
    response: nothing,
  }),
  'session/shell': operation({
    ...laterChange,
    method: 'shell',
    scope: 'admin',
    request: ofSession.extend({ command: z.string() }),
  }),
  blob: operation({
    ...read,
    method: 'blob',
    http: 'GET',
    transfer: 'bytes',
    request: ofSession.extend({ id: z.string() }),
    response: nothing,
  }),
} as const;
