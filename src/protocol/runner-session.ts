import { type ErrorCode, YonderError } from './errors.ts';
import type {
  RunnerArtifactExportRequest,
  RunnerArtifactExportResult,
  RunnerCapabilities,
  RunnerCommandRequest,
  RunnerCommandResult,
  RunnerDestination,
  RunnerFileReadRequest,
  RunnerFileReadResult,
  RunnerFileWriteRequest,
  RunnerPortRequest,
  RunnerPortResult,
  RunnerSessionState,
  RunnerSnapshotRef,
} from './runner.ts';
import type { OperationOptions, Workspace, WorkspaceRoots } from './workspace.ts';

/** Why a runner failed, and the code of the error table that says it on the wire. */
export const RUNNER_FAILURES = {
  /** The sandbox is no more. Never replaced without a recorded decision, so never retried. */
  gone: { code: 'runner_lost', retryable: false },
  auth: { code: 'unauthorized', retryable: false },
  rate_limited: { code: 'rate_limited', retryable: true },
  /** The way to it is cut, or it is busy; the same request may succeed. */
  transient: { code: 'runner_lost', retryable: true },
  not_found: { code: 'not_found', retryable: false },
  conflict: { code: 'conflict', retryable: false },
  path_escape: { code: 'path_escape', retryable: false },
  unsupported: { code: 'unsupported', retryable: false },
} as const satisfies Record<string, { code: ErrorCode; retryable: boolean }>;

export type RunnerFailure = keyof typeof RUNNER_FAILURES;

/** An error of a runner: its failure stands in `details.runner_failure`, so that it survives the wire. */
export function runnerError(
  failure: RunnerFailure,
  message: string,
  options: { cause?: unknown; details?: Record<string, unknown> } = {},
): YonderError {
  const { code, retryable } = RUNNER_FAILURES[failure];
  return new YonderError(code, message, {
    ...options,
    retryable,
    details: { ...options.details, runner_failure: failure },
  });
}

/** The failure that a runner reported, or undefined for an error that is not a runner's. */
export function runnerFailureOf(error: unknown): RunnerFailure | undefined {
  if (!(error instanceof YonderError)) return undefined;
  const failure = error.details?.['runner_failure'];
  return typeof failure === 'string' && Object.hasOwn(RUNNER_FAILURES, failure)
    ? (failure as RunnerFailure)
    : undefined;
}

/** Makes and finds sessions of one kind of runner. No method is optional: what it cannot do throws UnsupportedError. */
export interface RunnerProvider {
  readonly id: string;
  readonly capabilities: RunnerCapabilities;

  /** What is missing before it can be used, e.g. a variable's name; `null` when nothing is. Never a secret's value. */
  setupHint(): string | null;
  /** Fails with `invalid_request` or UnsupportedError, before any effect. */
  validateDestination(destination: RunnerDestination, options?: OperationOptions): Promise<void>;
  createSession(destination: RunnerDestination, options?: OperationOptions): Promise<RunnerSession>;
  /** Finds a session that was made before, and never makes one: what is no more fails as `gone`. */
  resumeSession(state: RunnerSessionState, options?: OperationOptions): Promise<RunnerSession>;
  /** A new session from a snapshot; the one that it was taken of goes on (fork) or is gone (restore). */
  restoreSnapshot(
    snapshot: RunnerSnapshotRef,
    destination: RunnerDestination,
    options?: OperationOptions,
  ): Promise<RunnerSession>;
}

/**
 * A place where tools act. The first eight methods are the seed's, in its data types; they act on the destination's own
 * folder. Everything else goes through a Workspace, which has streams, ranges, digests and more roots.
 */
export interface RunnerSession {
  readonly capabilities: RunnerCapabilities;

  state(): RunnerSessionState;
  runCommand(request: RunnerCommandRequest, options?: OperationOptions): Promise<RunnerCommandResult>;
  /** True only with proof that the command's whole tree, and nothing else, is gone. */
  cancelCommand(command_id: string): Promise<boolean>;
  readFile(request: RunnerFileReadRequest, options?: OperationOptions): Promise<RunnerFileReadResult>;
  writeFile(request: RunnerFileWriteRequest, options?: OperationOptions): Promise<void>;
  exposePort(request: RunnerPortRequest, options?: OperationOptions): Promise<RunnerPortResult>;
  exportArtifact(
    request: RunnerArtifactExportRequest,
    options?: OperationOptions,
  ): Promise<RunnerArtifactExportResult>;
  snapshot(options?: OperationOptions): Promise<RunnerSnapshotRef>;

  /** Opens files and commands under these folders; a folder that is not there is `not_found`. The caller closes it. */
  openWorkspace(roots: WorkspaceRoots, options?: OperationOptions): Promise<Workspace>;
  /** Closes every open workspace as well. What `close` does to the place itself is the provider's to say. */
  close(): Promise<void>;
}
