import { UnsupportedError } from '../../../protocol/errors.ts';
import type { RunnerSession } from '../../../protocol/runner-session.ts';
import type * as protocol from '../../../protocol/runner.ts';
import type { OperationOptions, Workspace, WorkspaceRoots } from '../../../protocol/workspace.ts';
import { findProgram } from '../../../process/shell.ts';
import { Commands } from './commands.ts';
import type { CommandEnvironment } from './environment.ts';
import { PLACE } from './manifest.ts';
import { Roots } from './roots.ts';
import { LocalWorkspace } from './workspace.ts';

export interface LocalSessionOptions {
  readonly state: protocol.RunnerSessionState;
  readonly capabilities: protocol.RunnerCapabilities;
  /** The folder that the seed's own operations act in. */
  readonly root: string;
  readonly environment: CommandEnvironment;
  readonly home: string | undefined;
  readonly spoolFolder: string;
  readonly spoolCapBytes: number;
  readonly walkDescriptors: boolean;
}

/** This machine, in place. Closing it leaves every file, and every spooled command that runs, as it is. */
export class LocalSession implements RunnerSession {
  readonly capabilities: protocol.RunnerCapabilities;
  readonly #options: LocalSessionOptions;
  readonly #open = new Set<Workspace>();
  #own: Promise<Workspace> | undefined;

  constructor(options: LocalSessionOptions) {
    this.#options = options;
    this.capabilities = options.capabilities;
  }

  state(): protocol.RunnerSessionState {
    return this.#options.state;
  }

  async openWorkspace(folders: WorkspaceRoots, options?: OperationOptions): Promise<Workspace> {
    options?.signal?.throwIfAborted();
    const { environment, home, spoolFolder, spoolCapBytes, walkDescriptors } = this.#options;
    const roots = new Roots(folders, walkDescriptors);
    const { variables, withheld } = environment;
    const workspace: Workspace = new LocalWorkspace({
      roots,
      commands: new Commands({ roots, spoolFolder, environment: variables, capBytes: spoolCapBytes }),
      home,
      withheld,
      ripgrep: findProgram('rg', variables, roots.workspace.path),
      onClose: () => this.#open.delete(workspace),
    });
    this.#open.add(workspace);
    return workspace;
  }

  async runCommand(
    request: protocol.RunnerCommandRequest,
    options?: OperationOptions,
  ): Promise<protocol.RunnerCommandResult> {
    const workspace = await this.#ownWorkspace();
    const { cwd, timeout_ms, ...command } = request;
    const optional = {
      ...(cwd === null ? {} : { cwd }),
      ...(timeout_ms === undefined ? {} : { timeout_ms }),
    };
    const { result } = await workspace.start({ ...command, ...optional }, options);
    try {
      return await result;
    } finally {
      await workspace.forgetCommand(request.command_id);
    }
  }

  async cancelCommand(command_id: string): Promise<boolean> {
    return (await this.#ownWorkspace()).cancelCommand(command_id);
  }

  async readFile(
    { path }: protocol.RunnerFileReadRequest,
    options?: OperationOptions,
  ): Promise<protocol.RunnerFileReadResult> {
    const { bytes } = await (await this.#ownWorkspace()).readFile(path, options);
    return { path, contents: [...bytes] };
  }

  async writeFile(
    { path, contents }: protocol.RunnerFileWriteRequest,
    options?: OperationOptions,
  ): Promise<void> {
    const workspace = await this.#ownWorkspace();
    await workspace.writeFile(path, Uint8Array.from(contents), { ...options, parents: true });
  }

  async exposePort(): Promise<never> {
    throw new UnsupportedError('a port preview', PLACE);
  }

  async exportArtifact(): Promise<never> {
    throw new UnsupportedError('artifact export', PLACE);
  }

  async snapshot(): Promise<never> {
    throw new UnsupportedError('a snapshot', PLACE);
  }

  async close(): Promise<void> {
    for (const workspace of this.#open) await workspace.close();
    this.#own = undefined;
  }

  #ownWorkspace(): Promise<Workspace> {
    this.#own ??= this.openWorkspace({ workspace: this.#options.root });
    return this.#own;
  }
}
