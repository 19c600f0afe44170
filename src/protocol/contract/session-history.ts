import { z } from 'zod';
import { operation } from './declare.ts';
import { LATER_CHANGE, LATER_READ, ofSession } from './session-shapes.ts';

/** What goes back in a session, or takes it elsewhere (R37). */
export const sessionHistory = {
  'session/snapshots': operation({ ...LATER_READ, method: 'snapshots', request: ofSession }),
  'session/fork': operation({
    ...LATER_CHANGE,
    method: 'fork',
    request: ofSession.extend({ at: z.string().optional() }),
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
    ...LATER_READ,
    method: 'exportSession',
    request: ofSession.extend({ format: z.enum(['json', 'markdown', 'html']) }),
  }),
} as const;
