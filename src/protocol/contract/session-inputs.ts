import { z } from 'zod';
import { answerDecisionSchema } from '../interaction.ts';
import { unattendedSchema } from '../permissions.ts';
import { operation } from './declare.ts';
import { claimedSchema } from './mcp.ts';
import { CHANGE, accepted, inputMessages, ofSession } from './session-shapes.ts';

/** What one sends to an open session: it goes through its inbox (R7). */
export const sessionInputs = {
  'session/run': operation({
    ...CHANGE,
    method: 'run',
    transfer: 'stream',
    request: ofSession.extend({
      messages: inputMessages,
      max_iterations: z.number().int().min(0).optional(),
      unattended: unattendedSchema.optional(),
    }),
    response: z.looseObject({ run_id: z.string(), input_id: z.string() }),
  }),
  'session/steer': operation({
    ...CHANGE,
    method: 'steer',
    request: ofSession.extend({ messages: inputMessages }),
    response: accepted.extend({ started_run: z.string().optional(), interrupted: z.boolean().optional() }),
  }),
  'session/follow_up': operation({
    ...CHANGE,
    method: 'followUp',
    request: ofSession.extend({ messages: inputMessages }),
    response: accepted.extend({ started_run: z.string().optional(), interrupted: z.boolean().optional() }),
  }),
  'session/answer': operation({
    ...CHANGE,
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
    ...CHANGE,
    method: 'claim',
    scope: 'approve',
    request: ofSession.extend({
      request_id: z.string(),
      /** Where this client listens for its browser, e.g. `http://127.0.0.1:40123/callback`. */
      redirect_url: z.string().max(2000),
    }),
    response: claimedSchema.extend({ request_id: z.string() }),
  }),
  'session/interrupt': operation({
    ...CHANGE,
    method: 'interrupt',
    request: ofSession.extend({ run_id: z.string().optional(), include_background: z.boolean().optional() }),
    response: z.looseObject({ was_running: z.boolean(), input_id: z.string().optional() }),
  }),
  'session/pause': operation({
    ...CHANGE,
    method: 'pause',
    request: ofSession.extend({ paused: z.boolean() }),
    response: accepted.extend({ paused: z.boolean(), was_paused: z.boolean().optional() }),
  }),
  'session/compact': operation({
    ...CHANGE,
    method: 'compact',
    request: ofSession.extend({ instruction: z.string().optional() }),
    response: accepted.extend({ run_id: z.string() }),
  }),
  'session/prompt': operation({
    ...CHANGE,
    method: 'prompt',
    request: ofSession.extend({
      name: z.string(),
      arguments: z.record(z.string(), z.string().max(100_000)).optional(),
    }),
    response: accepted.extend({ run_id: z.string() }),
  }),
  'session/skill': operation({
    ...CHANGE,
    method: 'skill',
    request: ofSession.extend({ name: z.string(), arguments: z.string().max(100_000).optional() }),
    response: accepted.extend({ run_id: z.string() }),
  }),
  'session/command': operation({
    ...CHANGE,
    method: 'command',
    request: ofSession.extend({
      name: z.string(),
      // No shell can be given a word with a NUL in it.
      arguments: z
        .array(
          z
            .string()
            .max(100_000)
            .regex(/^[^\0]*$/),
        )
        .max(100)
        .optional(),
    }),
    response: accepted.extend({ run_id: z.string() }),
  }),
  'session/shell': operation({
    ...CHANGE,
    method: 'shell',
    scope: 'admin',
    request: ofSession.extend({ command: z.string().min(1).max(100_000) }),
    response: accepted.extend({ run_id: z.string() }),
  }),
} as const;
