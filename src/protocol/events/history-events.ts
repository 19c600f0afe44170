import { z } from 'zod';
import { durable } from './declare.ts';

/** What was kept of the workspace before the first call of a turn that may change it; without a tree: an earlier call's stands. */
export const openedSnapshotSchema = z.object({
  tree: z.string().optional(),
  /** Digest of the whole picture, a content of the log. */
  picture: z.string().optional(),
  /** Why none could be taken. */
  failed: z.string().optional(),
});

/** What goes back in a session: snapshots of its workspace, undo, reset, fork (R37). */
export const historyEvents = {
  workspace_snapshot: durable('A turn that may have changed the workspace is over.', {
    /** From 1, for a turn that changed something; absent where nothing changed. */
    snapshot: z.number().optional(),
    /** The message whose calls these were. */
    message_id: z.string().optional(),
    folder: z.string().optional(),
    before: z.string().optional(),
    after: z.string().optional(),
    /** How many paths changed, and the first of them, relative to the folder. */
    files: z.number().optional(),
    changes: z
      .array(z.object({ path: z.string(), change: z.enum(['added', 'modified', 'deleted']) }))
      .optional(),
    /** Digest of all changes, a content of the log. */
    details: z.string().optional(),
    /** Digest of the picture after the turn, a content of the log. */
    picture: z.string().optional(),
    /** Files that no snapshot holds, said once per session. */
    skipped: z.array(z.string()).optional(),
    /** Why the turn cannot be taken back. */
    failed: z.string().optional(),
  }),
  workspace_restore: durable(
    'An undo or reset is about to change files; `history_changed` follows, now or after a crash.',
    {
      input_id: z.string(),
      kind: z.enum(['undo', 'reset']),
      paths: z.number(),
      by: z.string(),
    },
  ),
  history_changed: durable('What no longer counts after undo, reset or fork (R37).', {
    kind: z.enum(['undo', 'reset', 'fork']),
    removed: z.array(z.string()),
    /** Of a fork: the session and the number of its last event that was copied, and the turn that it ends. */
    origin: z.object({ session_id: z.string(), seq: z.number(), turn: z.number() }).optional(),
    input_id: z.string().optional(),
    by: z.string().optional(),
    /** How many paths of the workspace were taken back, and which snapshots no longer count. */
    files: z.number().optional(),
    snapshots: z.array(z.number()).optional(),
  }),
} as const;
