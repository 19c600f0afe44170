import type * as protocol from '../../../protocol/workspace.ts';
import { YonderError } from '../../../protocol/errors.ts';
import { isWithin } from '../../path-rule.ts';
import type { Commands } from './commands.ts';
import * as files from './files.ts';
import type { Roots } from './roots.ts';
import { search } from './search.ts';
import * as tree from './tree.ts';
import { locate } from './walk.ts';
import { writeFile } from './write-file.ts';

export interface LocalWorkspaceOptions {
  readonly roots: Roots;
  readonly commands: Commands;
  readonly home: string | undefined;
  readonly withheld: readonly string[];
  readonly ripgrep: string | null;
  onClose(): void;
}

/** Files and commands of this machine, in place. */
export class LocalWorkspace implements protocol.Workspace {
  readonly root: string;
  readonly add_dirs: readonly string[];
  readonly read_roots: readonly string[];
  readonly home?: string;
  readonly withheld: readonly string[];
  readonly #options: LocalWorkspaceOptions;
  readonly #roots: Roots;
  readonly #commands: Commands;
  #closed = false;

  constructor(options: LocalWorkspaceOptions) {
    this.#options = options;
    this.#roots = options.roots;
    this.#commands = options.commands;
    const [, ...further] = options.roots.all;
    this.root = options.roots.workspace.path;
    this.add_dirs = further.filter((root) => root.writable).map((root) => root.path);
    this.read_roots = further.filter((root) => !root.writable).map((root) => root.path);
    if (options.home !== undefined) this.home = options.home;
    this.withheld = options.withheld;
  }

  async resolve(path: string, use: protocol.PathUse): Promise<protocol.ResolvedPath> {
    const located = locate(this.#roots, path, { use, missing: true });
    try {
      const below = isWithin(this.root, located.path);
      return {
        path: located.path,
        ...(below ? { relative: located.path.slice(this.root.length).replace(/^\//, '') || '.' } : {}),
        exists: located.stat !== undefined,
        inside: located.root.writable ? 'workspace' : 'read_root',
      };
    } finally {
      located.close();
    }
  }

  async start(request: protocol.StartCommand, options?: protocol.OperationOptions) {
    this.#assertOpen();
    return this.#commands.start(request, options);
  }

  async findCommand(command_id: string) {
    this.#assertOpen();
    return this.#commands.find(command_id);
  }

  async outputSoFar(command_id: string, max_bytes: number) {
    this.#assertOpen();
    return this.#commands.outputSoFar(command_id, max_bytes);
  }

  async cancelCommand(command_id: string) {
    this.#assertOpen();
    return this.#commands.cancel(command_id);
  }

  async forgetCommand(command_id: string) {
    this.#commands.forget(command_id);
  }

  async readFile(path: string, options?: protocol.ReadFileOptions) {
    return files.readFile(this.#roots, path, options);
  }

  async writeFile(path: string, bytes: Uint8Array, options?: protocol.WriteFileOptions) {
    return writeFile(this.#roots, path, bytes, options);
  }

  async stat(path: string, options?: protocol.OperationOptions) {
    options?.signal?.throwIfAborted();
    return files.stat(this.#roots, path);
  }

  async list(path: string, options?: protocol.ListOptions) {
    return tree.list(this.#roots, path, options);
  }

  async mkdir(path: string, options?: protocol.OperationOptions) {
    options?.signal?.throwIfAborted();
    return tree.mkdir(this.#roots, path);
  }

  async rename(from: string, to: string, options?: protocol.OperationOptions) {
    options?.signal?.throwIfAborted();
    tree.rename(this.#roots, from, to);
  }

  async remove(path: string, options?: protocol.OperationOptions & { readonly recursive?: boolean }) {
    options?.signal?.throwIfAborted();
    tree.remove(this.#roots, path, options?.recursive === true);
  }

  async search(query: protocol.SearchQuery, options?: protocol.OperationOptions) {
    const start = (request: protocol.StartCommand) => this.start(request, options);
    return search({ roots: this.#roots, start, ripgrep: this.#options.ripgrep }, query, options?.signal);
  }

  async close() {
    if (this.#closed) return;
    this.#closed = true;
    await this.#commands.close();
    this.#roots.close();
    this.#options.onClose();
  }

  #assertOpen(): void {
    if (this.#closed) throw new YonderError('session_closed', 'the workspace is closed');
  }
}
