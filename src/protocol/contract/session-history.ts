import { z } from 'zod';
import { operation } from './declare.ts';
import { CHANGE, LATER_CHANGE, LATER_READ, READ, ofSession } from './session-shapes.ts';

/** What goes back in a session, or takes it elsewhere (R37). */
export const sessionHistory = {
  'session/snapshots': operation({ ...LATER_READ, method: 'snapshots', request: ofSession }),
  'session/fork': operation({
    ...CHANGE,
    method: 'fork',
    request: ofSession.extend({
      /** The last message of a turn, or the number of the turn; absent: the last turn that has ended. */
      at: z.string().optional(),
      title: z.string().min(1).max(200).optional(),
    }),
    response: z.looseObject({
      session_id: z.string(),
      title: z.string(),
      /** Where the new session begins to go its own way. */
      origin: z.looseObject({ session_id: z.string(), seq: z.number(), turn: z.number() }),
      /** Both sessions work in one folder. */
      workspace: z.literal('shared'),
      working_dir: z.string(),
    }),
  }),
  'session/undo': operation({
    ...LATER_CHANGE,
    method: 'undo',
    request: ofSession.extend({ at: z.string().optional() }),
  }),
  'session/reset': operation({
    ...LATER_CHANGE,
    method: 'reset',
    request: ofSession.extend({ at: z.string().optional() }),
  }),
  'session/export': operation({
    ...READ,
    method: 'exportSession',
    request: ofSession.extend({ format: z.enum(['json', 'markdown', 'html']) }),
    response: z.looseObject({
      media_type: z.string(),
      name: z.string(),
      text: z.string(),
      as_of: z.number(),
    }),
  }),
} as const;
