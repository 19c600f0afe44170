import type { z } from 'zod';
import type { HookDefinition, HookEvent } from '../../protocol/contract/hooks.ts';
import type { PermissionLayer } from '../../protocol/permissions.ts';
import type { GuardVerdict } from '../decisions/types.ts';
import type { hookOutputSchema } from './output-schema.ts';

/** What a hook reads on its stdin (reference/docker-agent.md 5.7); an event's own fields stand beside these. */
export interface HookInput {
  session_id: string;
  /** The session's working folder. */
  cwd: string;
  hook_event_name: HookEvent;
  agent_name: string;
  /** `provider/model`, or the name that the team gives it. */
  model_id: string;
  /** The same for every attempt at this run of the hook (R14). */
  invocation_id: string;
  /** From 1; higher where a process was cut off while the hook ran. */
  attempt: number;
  [field: string]: unknown;
}

/** What a hook may answer. */
export type HookOutput = z.infer<typeof hookOutputSchema>;

/** A hook that stands at an event for a run. */
export interface StandingHook {
  event: HookEvent;
  definition: HookDefinition;
  layer: PermissionLayer;
  /** The agent whose hook it is; undefined: of a whole layer. */
  agent: string | undefined;
  /** What messages call it, e.g. `"guard" of the agent root`. */
  source: string;
  /** Where a command of it runs (R17). */
  place: 'host' | 'runner';
  /** Its allow counts (R5: that of an agent down the chain does not). */
  mayAllow: boolean;
  /** What tells it from the others of this event, the same after a restart. */
  id: string;
  matches(tool: string): boolean;
}

/** How one run of a hook ended. */
export interface HookResult {
  hook: StandingHook;
  output: HookOutput;
  /** Why it could not do its work: it hung, could not be started, wrote what nobody can read ... */
  failure: string | undefined;
  /** The failure is one that lets nothing through a guard: it hung, or could not be run. */
  isFatal: boolean;
  /** Its words where it blocks. */
  blocked: string | undefined;
}

/** What the hooks of one event come to, in configuration order. */
export interface HookOutcome {
  /** How many hooks there were. */
  ran: number;
  /** The first that blocked: a call, a run, a compaction, as the event says. */
  blocked: { message: string; hook: StandingHook } | undefined;
  /** Denies, asks and allows, for `decide()`. */
  guards: GuardVerdict[];
  /** Text for the model, one per hook that had some. */
  context: { text: string; source: string }[];
  updated_input: Record<string, unknown> | undefined;
  updated_tool_response: string | undefined;
  updated_messages: readonly Record<string, unknown>[] | undefined;
  summary: string | undefined;
  results: readonly HookResult[];
}

export const NO_HOOKS: HookOutcome = {
  ran: 0,
  blocked: undefined,
  guards: [],
  context: [],
  updated_input: undefined,
  updated_tool_response: undefined,
  updated_messages: undefined,
  summary: undefined,
  results: [],
};
