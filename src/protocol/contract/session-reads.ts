import { z } from 'zod';
import {
  agentSummarySchema,
  modelInfoSchema,
  openSessionAnswerSchema,
  permissionsAnswerSchema,
  queueSchema,
  toolsAnswerSchema,
  transcriptAnswerSchema,
  usageAnswerSchema,
} from './answers.ts';
import { skillInfoSchema } from '../skills.ts';
import { operation } from './declare.ts';
import { cursorSchema, flagSchema } from './payloads.ts';
import { READ, listOf, nothing, ofSession } from './session-shapes.ts';

/** What one reads of an open session. */
export const sessionReads = {
  'session/open': operation({
    ...READ,
    method: 'open',
    request: ofSession,
    response: openSessionAnswerSchema,
  }),
  'session/transcript': operation({
    ...READ,
    method: 'transcript',
    request: ofSession.extend({
      limit: z.number().int().min(1).optional(),
      before: z.string().optional(),
      include_children: z.boolean().optional(),
    }),
    response: transcriptAnswerSchema,
  }),
  'session/events': operation({
    ...READ,
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
  'session/agent_info': operation({
    ...READ,
    method: 'agentInfo',
    request: ofSession,
    response: agentSummarySchema.extend({ as_of: z.number(), welcome_message: z.string().optional() }),
  }),
  'session/tools': operation({ ...READ, method: 'tools', request: ofSession, response: toolsAnswerSchema }),
  'session/toolsets': operation({
    ...READ,
    method: 'toolsets',
    request: ofSession,
    response: listOf(
      'toolsets',
      z.looseObject({
        name: z.string(),
        type: z.string(),
        /** `ready`; of an MCP server also `stopped`, `starting` or `failed`. */
        state: z.string(),
        tools: z.array(z.string()),
        /** Of an MCP server: why it ended or could not be started, and how often it was started again. */
        last_error: z.string().optional(),
        restarts: z.number().optional(),
      }),
    ),
  }),
  'session/models': operation({
    ...READ,
    method: 'models',
    request: ofSession,
    response: listOf('models', modelInfoSchema),
  }),
  'session/commands': operation({
    ...READ,
    method: 'commands',
    request: ofSession,
    response: listOf(
      'commands',
      z.looseObject({ name: z.string(), description: z.string().optional(), instruction: z.string() }),
    ),
  }),
  'session/skills': operation({
    ...READ,
    method: 'skills',
    request: ofSession,
    response: z.looseObject({
      skills: z.array(skillInfoSchema),
      warnings: z.array(z.string()),
      as_of: z.number(),
    }),
  }),
  'session/prompts': operation({
    ...READ,
    method: 'prompts',
    request: ofSession,
    response: listOf(
      'prompts',
      z.looseObject({
        name: z.string(),
        toolset: z.string(),
        description: z.string().optional(),
        arguments: z.array(
          z.looseObject({ name: z.string(), description: z.string().optional(), required: z.boolean() }),
        ),
      }),
    ),
  }),
  'session/permissions': operation({
    ...READ,
    method: 'permissions',
    request: ofSession,
    response: permissionsAnswerSchema.extend({ as_of: z.number() }),
  }),
  'session/queue': operation({
    ...READ,
    method: 'queue',
    request: ofSession,
    response: queueSchema.extend({ as_of: z.number() }),
  }),
  'session/usage': operation({
    ...READ,
    method: 'usage',
    request: ofSession,
    response: usageAnswerSchema,
  }),
  'session/cassette': operation({
    ...READ,
    method: 'cassette',
    http: 'GET',
    transfer: 'bytes',
    scope: 'run',
    request: ofSession,
    response: nothing,
  }),
  blob: operation({
    ...READ,
    method: 'blob',
    http: 'GET',
    transfer: 'bytes',
    request: ofSession.extend({ id: z.string() }),
    response: nothing,
  }),
} as const;
