import type {
  DecisionVerdict,
  Effect,
  PermissionLayer,
  PermissionRules,
  Safety,
  Unattended,
} from '../../protocol/permissions.ts';
import type { ShellLine } from './shell/types.ts';

/** A path that a call would touch, as the runner's path rule resolved it. */
export interface CallPath {
  /** Relative to the workspace, or absolute and canonical. */
  path: string;
  use: 'read' | 'write';
  /** In the workspace or a read root. */
  inside: boolean;
  /** The argument that it came from; absent: `path` or `paths`. */
  argument?: string;
}

export interface DecisionCall {
  toolset: string;
  tool: string;
  /** Part of this program, not of an MCP server or a plugin (R16). */
  builtin: boolean;
  /** For a shell call the one that `shellEffect` computed from its line (R3). */
  effect: Effect;
  /** Digest of the tool's definition; approvals made for another one do not count (R16). */
  digest?: string;
  args: Readonly<Record<string, unknown>>;
  paths: readonly CallPath[];
  network: boolean;
  /** The parsed `cmd`. A shell tool without it counts as a line that cannot be parsed. */
  shell?: ShellLine;
  /** A delegation stays in the same team, whose calls are judged themselves. */
  delegateSameTeam?: boolean;
}

export interface Layer {
  name: PermissionLayer;
  rules: PermissionRules;
  /** Allow rules of an untrusted layer do not count (R4). */
  trusted: boolean;
}

/** The rules of an agent or a team on the call's chain: asks and denies count, allows do not (R5). */
export interface ChainRules {
  name: string;
  rules: PermissionRules;
}

export interface GuardVerdict {
  verdict: DecisionVerdict;
  source: string;
  reason?: string;
  /** The layer that configured the guard; its allow is an allow rule of that layer (R8). */
  layer: PermissionLayer;
}

/** A rule that an answer made, for this session tree (R25). */
export interface Approval {
  rule: string;
  digest?: string;
}

export interface DecisionInput {
  call: DecisionCall;
  layers: readonly Layer[];
  chain?: readonly ChainRules[];
  guards?: readonly GuardVerdict[];
  approvals?: readonly Approval[];
  mode: Safety;
  /** Adds, as a session rule, writes of the file tools inside the workspace; governing files apart. */
  acceptEdits?: boolean;
  /** What an ask that nobody can answer becomes; `restricted` always refuses. */
  unattended: Unattended;
  /** Allow rules of these layers count where one of these rules allows the call too (R8). */
  clientAllow?: { rules: readonly string[]; layers: readonly PermissionLayer[] };
  /** The user's additions to the secret-file list. */
  extraSecrets?: readonly string[];
  /** The session's own files that govern (R13): team file, hook scripts, prompt files, this program's folders. */
  governing?: readonly string[];
  /** Absolute path of the workspace, so that a pattern may name a path either way. */
  workspace?: string;
}

export type DecisionSource =
  | 'deny_rule'
  | 'guard'
  | 'permission_request'
  | 'required_ask'
  | 'rule'
  | 'approval'
  | 'accept_edits'
  | 'safe'
  | 'mode';

export interface Decision {
  decision: DecisionVerdict;
  /** Nothing but a person's answer turns this ask into an allow. */
  required: boolean;
  source: DecisionSource;
  /** The rule that decided, as it is written. */
  rule?: string;
  layer?: PermissionLayer | `chain:${string}`;
  reason: string;
  /** Of an ask: whether it waits where nobody can answer, or is refused. */
  unattended?: Unattended;
  /** Of an ask, and of a refusal by the mode: a rule that would allow this call. */
  wouldAllow?: { rule: string; layer: PermissionLayer };
}
