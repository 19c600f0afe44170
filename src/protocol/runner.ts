import { z } from 'zod';

/**
 * The data types of a runner, in the JSON of `roder_api::remote_runner` (Rust, serde): snake_case, bytes as arrays of
 * numbers, the environment as pairs, an absent option as `null`, defaulted fields may be absent on receipt. What we
 * add stands beside those fields, is optional and is left out where it is not set, so that a peer reads what it wrote.
 * What is sent to a runner is strict; what comes back is open. Large bytes travel by stream, never by this JSON.
 */

const path = z.string();
const anyJson = z.json().default(null);
const option = <T extends z.ZodType>(inner: T) => inner.nullable().default(null);
const byteArray = z.array(z.int().min(0).max(255));
const port = z.int().min(0).max(65_535);

const open = <T extends z.core.$ZodLooseShape>(shape: T) => z.looseObject(shape);
const strict = <T extends z.core.$ZodLooseShape>(shape: T) => z.strictObject(shape);

export const runnerMountCapabilitiesSchema = open({
  s3: z.boolean().default(false),
  gcs: z.boolean().default(false),
  r2: z.boolean().default(false),
  azure_blob: z.boolean().default(false),
  box_storage: z.boolean().default(false),
  provider_native: z.boolean().default(false),
});
export type RunnerMountCapabilities = z.infer<typeof runnerMountCapabilitiesSchema>;

/** What a provider can do. A `false` (or absent) one throws UnsupportedError; the conformance suite shows both. */
export const runnerCapabilitiesSchema = open({
  command_exec: z.boolean(),
  file_read: z.boolean(),
  file_write: z.boolean(),
  port_preview: z.boolean(),
  snapshots: z.boolean(),
  cancellation: z.boolean(),
  artifact_export: z.boolean().default(false),
  mounts: runnerMountCapabilitiesSchema.prefault({}),
  /** Ours. Output arrives while the command runs, with back-pressure; `io: 'pipe'` has a stdin. */
  command_streaming: z.boolean().optional(),
  /** Ours. A command outlives the Host and is found again by its id (R19). */
  command_recovery: z.boolean().optional(),
  /** Ours. Commands, not only file operations, are kept inside the workspace. */
  command_confinement: z.boolean().optional(),
  /** Ours. Commands get a terminal on request. */
  pty: z.boolean().optional(),
  /** Ours. Names and contents can be searched on the runner. */
  search: z.boolean().optional(),
  /** Ours. A session can be made from a snapshot: restored, or forked beside the living one. */
  snapshot_restore: z.boolean().optional(),
  /** Ours. Manifest entries are copied to their targets when a session is created. */
  manifest_entries: z.boolean().optional(),
});
export type RunnerCapabilities = z.infer<typeof runnerCapabilitiesSchema>;

export const runnerSecretRefSchema = strict({ id: z.string() });
export type RunnerSecretRef = z.infer<typeof runnerSecretRefSchema>;

export const runnerMountKindSchema = z.enum([
  's3',
  'gcs',
  'r2',
  'azure_blob',
  'box_storage',
  'provider_native',
]);
export type RunnerMountKind = z.infer<typeof runnerMountKindSchema>;

/** `credentials` is left out when there are none, as in the seed; a `null` on receipt means the same. */
export const runnerMountIntentSchema = strict({
  kind: runnerMountKindSchema,
  uri: z.string(),
  credentials: runnerSecretRefSchema
    .nullish()
    .transform((credentials) => credentials ?? undefined)
    .optional(),
});
export type RunnerMountIntent = z.infer<typeof runnerMountIntentSchema>;

export const runnerMountSchema = strict({
  name: z.string(),
  path,
  read_only: z.boolean(),
  intent: runnerMountIntentSchema.prefault({ kind: 'provider_native', uri: '' }),
});
export type RunnerMount = z.infer<typeof runnerMountSchema>;

export const runnerManifestEntrySchema = strict({ source: path, target: path, writable: z.boolean() });
export type RunnerManifestEntry = z.infer<typeof runnerManifestEntrySchema>;

export const runnerManifestSchema = strict({
  entries: z.array(runnerManifestEntrySchema).default([]),
  mounts: z.array(runnerMountSchema).default([]),
});
export type RunnerManifest = z.infer<typeof runnerManifestSchema>;

/** Where a session is made. Secrets never stand in `config`: it is stored with the thread. */
export const runnerDestinationSchema = strict({
  id: z.string(),
  provider_id: z.string(),
  config: anyJson,
  default_manifest: runnerManifestSchema.prefault({}),
});
export type RunnerDestination = z.infer<typeof runnerDestinationSchema>;

export const runnerSnapshotRefSchema = open({
  provider_id: z.string(),
  snapshot_id: z.string(),
  metadata: anyJson,
});
export type RunnerSnapshotRef = z.infer<typeof runnerSnapshotRefSchema>;

/** All that is needed to find a session again, from another process too. Holds no secret. */
export const runnerSessionStateSchema = open({
  provider_id: z.string(),
  session_id: z.string(),
  destination_id: z.string(),
  snapshot: option(runnerSnapshotRefSchema),
  metadata: anyJson,
});
export type RunnerSessionState = z.infer<typeof runnerSessionStateSchema>;

/** The runner that a session of ours is bound to. Paths are absolute and on the runner. */
export const threadRunnerBindingSchema = strict({
  destination: runnerDestinationSchema,
  workspace: path,
  read_roots: z.array(path).default([]),
  /** Ours (`--add-dir`). Reads, writes and working directories may also lie under these. */
  add_dirs: z.array(path).optional(),
});
export type ThreadRunnerBinding = z.infer<typeof threadRunnerBindingSchema>;

export const runnerCommandRequestSchema = strict({
  command_id: z.string(),
  program: z.string(),
  args: z.array(z.string()).default([]),
  cwd: option(path),
  env: z.array(z.tuple([z.string(), z.string()])).default([]),
  /** Ours. Wall-clock milliseconds after which the whole tree is ended on the runner. */
  timeout_ms: z.int().positive().optional(),
});
export type RunnerCommandRequest = z.infer<typeof runnerCommandRequestSchema>;

/**
 * How a command ended. `lost`: it is gone and left no exit status. `output_limit`: it was ended because its spool
 * passed the cap.
 */
export const commandOutcomeSchema = z.enum([
  'exited',
  'signaled',
  'timed_out',
  'cancelled',
  'output_limit',
  'lost',
]);
export type CommandOutcome = z.infer<typeof commandOutcomeSchema>;

const commandBytesSchema = open({ stdout: z.int(), stderr: z.int() });

export const runnerCommandResultSchema = open({
  command_id: z.string(),
  exit_code: option(z.int32()),
  stdout: z.string(),
  stderr: z.string(),
  /** Ours, as are all that follow: see CommandResult, where they are always there. */
  outcome: commandOutcomeSchema.optional(),
  signal: z.string().optional(),
  bytes: commandBytesSchema.optional(),
  truncated: z.boolean().optional(),
  duration_ms: z.number().optional(),
});
export type RunnerCommandResult = z.infer<typeof runnerCommandResultSchema>;

/**
 * Our result: the seed's fields, and ours always there. `stdout` and `stderr` are decoded as UTF-8 with U+FFFD for
 * what is not, cut in the middle to the caller's `max_bytes` each; `bytes` counts what the command wrote before the
 * cut; `truncated` says whether anything is missing. `exit_code` is null unless the outcome is `exited`.
 */
export const commandResultSchema = runnerCommandResultSchema.extend({
  outcome: commandOutcomeSchema,
  bytes: commandBytesSchema,
  truncated: z.boolean(),
  duration_ms: z.number(),
});
export type CommandResult = z.infer<typeof commandResultSchema>;

export const runnerFileReadRequestSchema = strict({ path });
export type RunnerFileReadRequest = z.infer<typeof runnerFileReadRequestSchema>;

export const runnerFileReadResultSchema = open({ path, contents: byteArray });
export type RunnerFileReadResult = z.infer<typeof runnerFileReadResultSchema>;

export const runnerFileWriteRequestSchema = strict({ path, contents: byteArray });
export type RunnerFileWriteRequest = z.infer<typeof runnerFileWriteRequestSchema>;

export const runnerPortRequestSchema = strict({ port, label: option(z.string()) });
export type RunnerPortRequest = z.infer<typeof runnerPortRequestSchema>;

export const runnerPortResultSchema = open({ port, url: option(z.string()) });
export type RunnerPortResult = z.infer<typeof runnerPortResultSchema>;

export const runnerArtifactExportRequestSchema = strict({ path, recursive: z.boolean().default(false) });
export type RunnerArtifactExportRequest = z.infer<typeof runnerArtifactExportRequestSchema>;

export const runnerArtifactExportResultSchema = open({
  path,
  artifact_id: z.string(),
  url: option(z.string()),
  metadata: anyJson,
});
export type RunnerArtifactExportResult = z.infer<typeof runnerArtifactExportResultSchema>;
