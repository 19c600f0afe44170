import { z } from 'zod';
import { createSessionAnswerSchema, foundSessionSchema, sessionSummarySchema } from './answers.ts';
import { JSON_POST, operation } from './declare.ts';
import { createSessionRequestSchema } from './payloads.ts';

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
      // A relative folder is meant from the Host's own.
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
      /** Words that must all stand in one message or in the title; what is in quotes is a phrase. */
      query: z.string().max(1000),
      // A relative folder is meant from the Host's own.
      cwd: z.string().optional(),
      starred: z.boolean().optional(),
      limit: z.number().int().min(1).max(500).optional(),
      page: z.string().optional(),
    }),
    response: z.looseObject({
      sessions: z.array(foundSessionSchema),
      next_page: z.string().optional(),
      /** Sessions of before there was an index that are not in it yet; the same search again takes on. */
      unindexed: z.number(),
    }),
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
