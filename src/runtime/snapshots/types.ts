import { z } from 'zod';

/** A file or a link as a snapshot keeps it. */
export const entrySchema = z.object({
  kind: z.enum(['file', 'link']),
  /** Name of its content in the shadow repository: git's own id of the bytes. */
  id: z.string(),
  /** Permission bits of a file; 0 for a link. */
  mode: z.number(),
});
export type Entry = z.infer<typeof entrySchema>;

/** What one turn did to a path, relative to the session's folder. */
export const changeSchema = z.object({
  path: z.string(),
  before: entrySchema.nullable(),
  after: entrySchema.nullable(),
});
export type Change = z.infer<typeof changeSchema>;

/** The folder at one moment: a git tree, and what git does not keep. */
export const pictureSchema = z.object({
  tree: z.string(),
  /** Permission bits of files that have others than git's 0644 or 0755. */
  modes: z.record(z.string(), z.number()),
  /** Folders without anything in them. */
  empty: z.array(z.string()),
  /** When it was taken, in milliseconds since the epoch. */
  taken_ms: z.number().default(0),
  /** What is not in the tree, with the reason. */
  skipped: z.record(z.string(), z.string()),
});
export type Picture = z.infer<typeof pictureSchema>;

/** Everything that a turn changed; kept as a content of the log. */
export const changesSchema = z.object({
  /** Absolute; what the paths are relative to. */
  top: z.string(),
  changes: z.array(changeSchema),
  made_folders: z.array(z.string()),
  gone_folders: z.array(z.string()),
  /** When the turn was at work, in milliseconds since the epoch. */
  opened: z.number().default(0),
  closed: z.number().default(0),
});
export type Changes = z.infer<typeof changesSchema>;
