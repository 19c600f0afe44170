import type { CommandResult } from './runner.ts';

/** The absolute folders, on the runner, that a workspace opens. */
export interface WorkspaceRoots {
  /** Relative paths are resolved against it; reads, writes and working directories may lie under it. */
  readonly workspace: string;
  /** Further folders for reads, writes and working directories (`--add-dir`). */
  readonly add_dirs?: readonly string[];
  /** Folders for reads alone (`--read-dir`, `read_roots`). */
  readonly read_roots?: readonly string[];
}

export type PathUse = 'read' | 'write' | 'cwd';

export interface ResolvedPath {
  /** Absolute, on the runner, every symbolic link resolved. */
  readonly path: string;
  /** The same below the workspace's root; absent outside of it. `.` is the root itself. */
  readonly relative?: string;
  readonly exists: boolean;
  /** `workspace` includes the added folders. */
  readonly inside: 'workspace' | 'read_root';
}

/** `stdout` and `stderr` each keep their own order; between the two the order is not kept. */
export interface CommandOutput {
  readonly stream: 'stdout' | 'stderr';
  readonly bytes: Uint8Array;
}

export interface StartCommand {
  /** Unique in the workspace; recorded by the caller before the start, so that the command is found again (R19). */
  readonly command_id: string;
  readonly program: string;
  readonly args?: readonly string[];
  /** Default: the workspace's root. */
  readonly cwd?: string;
  /** Laid over the workspace's environment, as pairs or as a record. */
  readonly env?: readonly (readonly [string, string])[] | Readonly<Record<string, string>>;
  /**
   * `spool` (tools): output goes to a file, the command outlives the Host, stdin is empty. `pipe` (stdio servers): real
   * pipes with back-pressure, the command dies with the Host. Default `spool`.
   */
  readonly io?: 'spool' | 'pipe';
  /** Wall-clock milliseconds; after them the whole tree is ended and the outcome is `timed_out`. Default: none. */
  readonly timeout_ms?: number;
  /** Bytes of each stream kept in the result, head and tail in halves. Default 1 MiB. */
  readonly max_bytes?: number;
  /**
   * For spooled commands that nobody waits for: each stream's file holds at most so many bytes, and its older half goes when it has
   * more (no command is ended for its output); what is kept stays until `forgetCommand`, also when the workspace closes. The file is
   * only watched while a workspace has the command open. Default: none of this.
   */
  readonly keep_bytes?: number;
  /** `pipe` only together with `io: 'pipe'`. Default `none`. */
  readonly stdin?: 'none' | 'pipe';
}

/** The write end of a command's stdin. */
export interface CommandInput {
  /** Resolves when the pipe has room again. Fails with `conflict` once the command has closed its end. */
  write(bytes: Uint8Array | string): Promise<void>;
  end(): Promise<void>;
}

export interface CommandHandle {
  readonly command_id: string;
  readonly stdin?: CommandInput;
  /**
   * What the command writes, from its beginning, for one reader; ends with the command. Not reading it is allowed: with `spool` the
   * result is whole all the same; with `pipe` the command stops in its write, as at any full pipe, and the result's
   * `stdout` and `stderr` are empty: the output goes to the reader alone.
   */
  readonly output: AsyncIterable<CommandOutput>;
  /** Never rejects for what the command does; rejects with a YonderError when the runner fails. */
  readonly result: Promise<CommandResult>;
  /** Ends the whole process tree. True only with proof that nothing of it is left; the outcome is then `cancelled`. */
  cancel(): Promise<boolean>;
}

/** What a spooled command has written up to now. */
export interface OutputSoFar {
  readonly stdout: string;
  readonly stderr: string;
  /** Something is left out in their middle, with words in its place. */
  readonly truncated: boolean;
}

/** What became of a command after the Host that started it is gone. */
export type FoundCommand =
  | { readonly state: 'ended'; readonly result: CommandResult }
  | { readonly state: 'running'; readonly handle: CommandHandle }
  | { readonly state: 'unknown' };

export interface OperationOptions {
  readonly signal?: AbortSignal;
}

export interface ReadFileOptions extends OperationOptions {
  /** First byte. Default 0. */
  readonly offset?: number;
  /** Bytes at most. Default: to the end; a whole file over 64 MiB is `payload_too_large`. */
  readonly length?: number;
  /** Also give the digest of the whole file, for `if_match`. */
  readonly digest?: boolean;
}

export interface FileContent {
  /** Absolute and resolved. */
  readonly path: string;
  readonly bytes: Uint8Array;
  /** Of the whole file. */
  readonly size: number;
  /** `sha256:` and 64 hexadecimal digits, of the whole file as it was read; only when it was asked for. */
  readonly digest?: string;
}

export interface WriteFileOptions extends OperationOptions {
  /** Permission bits. Default: those of the file that is replaced, else 0666 less the umask. */
  readonly mode?: number;
  /** The digest of what was read, `null` for "must not exist". Anything else found there is `conflict` (R38). */
  readonly if_match?: string | null;
  /** Make missing parent folders. Default false: `not_found`. */
  readonly parents?: boolean;
}

export interface WrittenFile {
  readonly path: string;
  readonly digest: string;
  /** False when a file was replaced. */
  readonly created: boolean;
}

export type FileType = 'file' | 'directory' | 'symlink' | 'other';

export interface FileStat {
  /** Absolute and resolved. */
  readonly path: string;
  /** Never `symlink`: links are followed, inside the roots. */
  readonly type: FileType;
  readonly size: number;
  /** Permission bits alone. */
  readonly mode: number;
  /** Milliseconds since the epoch. */
  readonly modified_ms: number;
}

export interface ListOptions extends OperationOptions {
  /** Entries at most. Default 10,000. */
  readonly limit?: number;
}

export interface DirectoryEntry {
  readonly name: string;
  /** Links are not followed. */
  readonly type: FileType;
}

export interface DirectoryListing {
  readonly path: string;
  /** Sorted by name, by code unit. */
  readonly entries: readonly DirectoryEntry[];
  readonly truncated: boolean;
}

export interface SearchQuery {
  /** A folder or one file. Default: the root. */
  readonly path?: string;
  /** Literal text, or a regular expression when `is_regex`. Empty is `invalid_request`. */
  readonly query: string;
  readonly is_regex?: boolean;
  /** Patterns in the syntax of .gitignore, against the path below `path`. */
  readonly exclude?: readonly string[];
  /** Leave out what .gitignore files name. Default true; `.git` is always left out. */
  readonly gitignore?: boolean;
  /** Matching lines at most. */
  readonly limit: number;
}

export interface SearchMatch {
  /** Absolute and resolved. */
  readonly path: string;
  /** From 1. */
  readonly line: number;
  /** Of the first match in that line, in characters (UTF-16 units) from 1. */
  readonly column: number;
  /** The line without its end, at most 500 characters. */
  readonly text: string;
}

export interface SearchResult {
  /** Sorted by path, then line. One per matching line; files with a NUL byte are not searched. */
  readonly matches: readonly SearchMatch[];
  readonly truncated: boolean;
}

/**
 * The narrow face of a runner session that tools get: files and commands under a few folders of the runner.
 *
 * Paths are POSIX, absolute on the runner or relative to `root`, and are judged after symbolic links are resolved there.
 * Every method rejects with a YonderError: `path_escape` outside the roots, `invalid_request` for what is no path, no
 * file or no folder, `not_found`, `conflict`, `unsupported` for what the runner or this kind of file cannot do.
 */
export interface Workspace {
  readonly root: string;
  readonly add_dirs: readonly string[];
  readonly read_roots: readonly string[];
  /** The home folder of the user that commands run as, where the runner knows it. */
  readonly home?: string;
  /** Names of variables that commands do not get (R13); the person and the model are told. */
  readonly withheld: readonly string[];

  resolve(path: string, use: PathUse): Promise<ResolvedPath>;

  /**
   * Returns when the command runs; fails with `not_found` when there is no such program or folder, with `conflict` when
   * the id was used before. An abort cancels the command. When it ends, what it left in its process group is ended too;
   * what made a session of its own (a daemon) goes on, and `cancelCommand` still ends it.
   */
  start(request: StartCommand, options?: OperationOptions): Promise<CommandHandle>;
  /** Asks for a spooled command by its id, after a restart too (R19), until it is forgotten or the workspace closes. `unknown` is an answer only when nothing of it runs. */
  findCommand(command_id: string): Promise<FoundCommand>;
  /** What a spooled command wrote so far, running or ended, `max_bytes` of each stream; undefined when nothing is kept of it. */
  outputSoFar(command_id: string, max_bytes: number): Promise<OutputSoFar | undefined>;
  /** Ends the command's whole tree, by id. True only with proof that nothing of it is left. */
  cancelCommand(command_id: string): Promise<boolean>;

  /** The result is recorded: what was kept of an ended command is deleted. One that runs is left alone. */
  forgetCommand(command_id: string): Promise<void>;

  readFile(path: string, options?: ReadFileOptions): Promise<FileContent>;
  /** Whole or not at all: a reader sees the old bytes or the new ones. */
  writeFile(path: string, bytes: Uint8Array, options?: WriteFileOptions): Promise<WrittenFile>;
  stat(path: string, options?: OperationOptions): Promise<FileStat>;
  list(path: string, options?: ListOptions): Promise<DirectoryListing>;
  /** Makes missing parents too. A folder that is there already is no error: `created` is false. */
  mkdir(
    path: string,
    options?: OperationOptions,
  ): Promise<{ readonly path: string; readonly created: boolean }>;
  /** Both ends need write access. An existing target file is replaced, an existing folder is `conflict`. */
  rename(from: string, to: string, options?: OperationOptions): Promise<void>;
  /** A link itself, not its target. A folder only when empty, unless `recursive`. */
  remove(path: string, options?: OperationOptions & { readonly recursive?: boolean }): Promise<void>;
  search(query: SearchQuery, options?: OperationOptions): Promise<SearchResult>;

  /** Lets go of what this workspace holds; commands with `io: 'spool'` go on. Any number of times. */
  close(): Promise<void>;
}
