import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { UnsupportedError, YonderError } from '../../../protocol/errors.ts';
import { runnerError, type RunnerProvider, type RunnerSession } from '../../../protocol/runner-session.ts';
import {
  type RunnerCapabilities,
  runnerCapabilitiesSchema,
  type RunnerDestination,
  type RunnerSessionState,
} from '../../../protocol/runner.ts';
import type { OperationOptions } from '../../../protocol/workspace.ts';
import { commandEnvironment, type EnvironmentOptions } from './environment.ts';
import { PLACE, refuseManifest } from './manifest.ts';
import { LocalSession } from './session.ts';

export const UNIX_LOCAL = 'unix-local';

export interface UnixLocalOptions {
  /** Absolute, outside of every workspace; made with mode 0700 at the first command. */
  readonly spool_dir: string;
  /** Default: this process's environment. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Names that no command gets (R13). */
  readonly withhold?: EnvironmentOptions['withhold'];
  /** Names that are passed on although they are withheld. */
  readonly pass_env?: readonly string[];
  /** Bytes of output after which a command's tree is ended. Default 1 GiB. */
  readonly spool_cap_bytes?: number;
  /** Default: on Linux. False compares real paths instead, as on other systems. */
  readonly walk_descriptors?: boolean;
}

const GIBIBYTE = 1024 ** 3;

const CAPABILITIES: RunnerCapabilities = runnerCapabilitiesSchema.parse({
  command_exec: true,
  file_read: true,
  file_write: true,
  port_preview: false,
  snapshots: false,
  cancellation: true,
  artifact_export: false,
  command_streaming: true,
  command_recovery: true,
  command_confinement: false,
  pty: false,
  search: true,
  snapshot_restore: false,
  manifest_entries: false,
});

const configSchema = z.strictObject({ root: z.string() });

/** This machine, in place: tools act in the user's own folders, with the user's own power. */
export function unixLocal(options: UnixLocalOptions): RunnerProvider {
  const { env = process.env, withhold = [], pass_env = [] } = options;
  const open = (state: RunnerSessionState, root: string): RunnerSession =>
    new LocalSession({
      state,
      capabilities: CAPABILITIES,
      root,
      environment: commandEnvironment({ base: env, withhold, pass_env }),
      home: env['HOME'],
      spoolFolder: options.spool_dir,
      spoolCapBytes: options.spool_cap_bytes ?? GIBIBYTE,
      walkDescriptors: options.walk_descriptors ?? process.platform === 'linux',
    });
  return {
    id: UNIX_LOCAL,
    capabilities: CAPABILITIES,
    setupHint: () => (process.platform === 'win32' ? 'unix-local needs a POSIX system: use WSL' : null),

    async validateDestination(destination) {
      rootOf(destination);
    },

    async createSession(destination, operation?: OperationOptions) {
      operation?.signal?.throwIfAborted();
      const root = rootOf(destination);
      const state: RunnerSessionState = {
        provider_id: UNIX_LOCAL,
        session_id: randomUUID(),
        destination_id: destination.id,
        snapshot: null,
        metadata: { root },
      };
      return open(state, root);
    },

    async resumeSession(state, operation) {
      operation?.signal?.throwIfAborted();
      if (state.provider_id !== UNIX_LOCAL) throw foreign(state.provider_id);
      const { root } = parseConfig(state.metadata, `the session ${state.session_id}`);
      if (!isFolder(root))
        throw runnerError('gone', `the folder ${root} of the session ${state.session_id} is gone`);
      return open(state, root);
    },

    async restoreSnapshot() {
      throw new UnsupportedError('restoring a snapshot', PLACE);
    },
  };
}

function rootOf(destination: RunnerDestination): string {
  if (destination.provider_id !== UNIX_LOCAL) throw foreign(destination.provider_id);
  refuseManifest(destination.default_manifest);
  const { root } = parseConfig(destination.config, `the destination ${destination.id}`);
  if (!isAbsolute(root)) throw new YonderError('invalid_request', `the root ${root} is not absolute`);
  if (!isFolder(root)) throw runnerError('not_found', `the root ${root} is not there, or is not a folder`);
  return root;
}

function parseConfig(config: unknown, owner: string): z.infer<typeof configSchema> {
  const parsed = configSchema.safeParse(config);
  if (parsed.success) return parsed.data;
  throw new YonderError('invalid_request', `${owner} needs {"root": "/absolute/folder"} and nothing else`, {
    cause: parsed.error,
  });
}

function foreign(providerId: string): YonderError {
  return new YonderError('invalid_request', `the runner ${providerId} is not ${UNIX_LOCAL}`);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
