import type { Egress } from '../../process/egress/egress.ts';
import type { StreamingEgress, StreamingRules } from '../../process/egress/streaming.ts';
import type { CassettePort } from '../../model/cassette/interaction.ts';
import type { Models } from '../../model/models.ts';
import type { SecretKeeper } from '../../protocol/secrets.ts';
import type { SignInStore } from '../../protocol/sign-ins.ts';
import type { Store } from '../../protocol/store.ts';
import type { Toolset } from '../../tools/tool.ts';
import type { Workspace } from '../../protocol/workspace.ts';
import type { Snapshots } from '../snapshots/snapshots.ts';
import type { UserSkills } from '../skills/places.ts';
import type { Serving } from './serving.ts';

export interface ModelsOptions {
  env: (name: string) => string | undefined;
  cassette: CassettePort | undefined;
  findKeys?: (names: readonly string[]) => Promise<void>;
  secrets?: SecretKeeper;
  /** `runtime_config.models_gateway`, with its password. */
  gateway?: string | undefined;
}

export interface WorkspaceOptions {
  root_id: string;
  working_dir: string;
  add_dirs: readonly string[];
  read_roots: readonly string[];
  pass_env: readonly string[];
  /** Variables that hold the keys of the team's own models. */
  token_keys: readonly string[];
}

/** Keys that are in no variable of the Host: of a helper, a keyring, a file. They are for models alone, never for `${env.X}` or commands. */
export interface KeySource {
  /** Looks for the keys of these variables; after it the others answer. */
  resolve(names: readonly string[]): Promise<void>;
  /** The same for a list that calls no model: no helper is asked, and `unasked` says of which. */
  glance(names: readonly string[]): Promise<void>;
  unasked(name: string): boolean;
  value(name: string): string | undefined;
  /** Where it was found, for a person. */
  origin(name: string): string | undefined;
}

/** One line of `yonder doctor`. */
export type DoctorCheck = {
  name: string;
  state: 'ok' | 'warning' | 'missing' | 'failed';
  detail: string;
};

/** What a Host is made of; the cli puts real parts in, tests may put others. */
export interface HostOptions {
  store: Store;
  /** What it offers to others; absent in a process that serves nobody. */
  serving?: Serving;
  /** The values that may not leave this process (R30); a new, empty one by default. */
  secrets?: SecretKeeper;
  models(options: ModelsOptions): Models;
  /** Skills of the person whose Host this is; absent on a server (R17). */
  user_skills?: readonly UserSkills[];
  /** Tools of the program that holds this Host, for every agent beside those of its team. */
  toolsets?: readonly Toolset[];
  openWorkspace(options: WorkspaceOptions): Promise<Workspace>;
  /** Ends every command of a session that still runs and deletes what is kept of any, whoever began it. */
  forgetCommands(root_id: string): Promise<void>;
  /** Snapshots of folders of this machine; made when they are first needed. */
  snapshots(): Promise<Snapshots>;
  /** Sorted names of the variables that commands of such a workspace would not get (R13). */
  withheld(options: Pick<WorkspaceOptions, 'pass_env' | 'token_keys'>): readonly string[];
  /** The Host's own variables without those: what a hook on the Host gets. */
  variables(options: Pick<WorkspaceOptions, 'pass_env' | 'token_keys'>): Readonly<Record<string, string>>;
  /** Where sign-ins at MCP servers are kept (R31); absent: as long as this process lives. */
  signIns?: SignInStore;
  /** Absent: keys come from variables alone. */
  keys?: KeySource;
  /** The Host's environment. */
  env: (name: string) => string | undefined;
  /** Where a session works that names no folder. */
  default_working_dir: string;
  /** Is this an existing folder? Throws `not_found` or `invalid_request` naming it and the flag that it came with. */
  checkFolder(path: string, flag?: '--working-dir' | '--add-dir' | '--read-dir'): Promise<void>;
  doctor(): Promise<DoctorCheck[]>;
  /** For what is named by a URL: teams, and what tools fetch. Throws YonderError. */
  egress: Egress;
  /** The same way out for servers that are talked to at length; the caller closes what it gives. Throws YonderError. */
  streaming(rules: StreamingRules): StreamingEgress;
  /** Where copies of what was fetched are kept, absolute; made when it is needed. */
  cache_dir: string;
  /** Yonder's own folders on this Host, absolute: they govern what agents may do (R13). */
  own_folders: readonly string[];
  platform: string;
  version: string;
  pid: number;
  now(): Date;
  random(): number;
  /** How often rows and events of other processes are looked for, in milliseconds. */
  poll_ms: number;
}
