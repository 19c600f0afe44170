import { z } from 'zod';
import { operation } from './declare.ts';
import { CHANGE, READ, accepted, ofSession } from './session-shapes.ts';

/** What an undo or reset took back. */
const takenBackSchema = accepted.extend({
  /** Ids of the messages that no longer count; nothing of them is deleted. */
  removed: z.array(z.string()),
  /** Paths of the workspace that are as they were. */
  files: z.number(),
  snapshots: z.array(z.number()),
  /** The first message that was taken back, to be sent again in other words. */
  text: z.string(),
});

const snapshotsAnswerSchema = z.looseObject({
  enabled: z.boolean(),
  snapshots: z.array(
    z.looseObject({
      /** What `reset{at}` takes. */
      snapshot: z.number(),
      message_id: z.string(),
      run_id: z.string(),
      folder: z.string(),
      taken_at: z.string(),
      files: z.number(),
      /** The first of the changed paths. */
      changes: z.array(z.looseObject({ path: z.string(), change: z.string() })),
      /** It was taken back and counts no more. */
      undone: z.boolean(),
      /** Why the turn was not recorded; its number is 0. */
      failed: z.string().optional(),
    }),
  ),
  as_of: z.number(),
});

/** What goes back in a session, or takes it elsewhere (R37). */
export const sessionHistory = {
  'session/snapshots': operation({
    ...READ,
    method: 'snapshots',
    request: ofSession,
    response: snapshotsAnswerSchema,
  }),
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
    ...CHANGE,
    method: 'undo',
    request: ofSession.extend({ at: z.string().optional() }),
    response: takenBackSchema,
  }),
  'session/reset': operation({
    ...CHANGE,
    method: 'reset',
    request: ofSession.extend({ at: z.string().optional() }),
    response: takenBackSchema,
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
