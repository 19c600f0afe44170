import { canonicalJson } from '../../protocol/canonical-json.ts';
import { groupsOf, matcherOf } from '../../protocol/check-hooks.ts';
import type { HookDefinition, HookEvent, HooksConfig } from '../../protocol/contract/hooks.ts';
import type { PermissionLayer } from '../../protocol/permissions.ts';
import { sha256 } from '../../process/digest.ts';
import type { RunState } from '../fold/run-state.ts';
import type { LoopContext } from '../loop/context.ts';
import { chainOfRun } from './chain.ts';
import { hooksOfAgent } from './events/redaction.ts';
import type { StandingHook } from './types.ts';

/** Events whose hooks hold for every agent below the one that has them, and run one after the other (R5, R26). */
export const GUARD_EVENTS: ReadonlySet<HookEvent> = new Set([
  'pre_tool_use',
  'permission_request',
  'tool_response_transform',
]);

/** What configures hooks, in the order in which they stand. */
interface Source {
  layer: PermissionLayer;
  agent?: string;
  /** After "of", for messages. */
  where: string;
  place: StandingHook['place'];
  mayAllow: boolean;
  hooks: HooksConfig | undefined;
}

type Resolving = Pick<LoopContext, 'log' | 'team' | 'settings'>;

/**
 * The hooks that stand at an event for a run, in configuration order: of the policy, this session, the user, the project, and then of the team's
 * agents; at a guard those of every agent on the chain from the root to the caller, outermost first, else the caller's alone.
 */
export function standingHooks(context: Resolving, run: RunState, event: HookEvent): readonly StandingHook[] {
  const found = sourcesOf(context, run, event).flatMap((source) => hooksOf(source, event));
  const seen = new Set<string>();
  return found.filter(({ id }) => {
    if (seen.has(id)) return false;
    seen.add(id);
    return true;
  });
}

/** Every hook of the session's team and layers, whatever its event: for what is made ready before the first one runs. */
export function allHooks(context: Resolving): readonly StandingHook[] {
  const agents = context.team.agents.map((agent): Source => ({
    ...ofAgent(agent.name),
    mayAllow: false,
    hooks: agent.hooks,
  }));
  return [...layersOf(context), ...agents].flatMap((source) =>
    Object.keys(source.hooks ?? {}).flatMap((event) => hooksOf(source, event as HookEvent)),
  );
}

function sourcesOf(context: Resolving, run: RunState, event: HookEvent): Source[] {
  const chain = chainOfRun(context, run);
  const caller = chain.at(-1);
  const agents = GUARD_EVENTS.has(event) ? chain : caller === undefined ? [] : [caller];
  return [
    ...layersOf(context),
    // What an agent down the chain allows would not have been allowed by the one above it.
    ...agents.map((agent) => ({
      ...ofAgent(agent.name),
      mayAllow: agent === chain[0],
      hooks: hooksOfAgent(agent),
    })),
  ];
}

function layersOf({ log, settings }: Resolving): Source[] {
  const { runtime_config, user_hooks, project_hooks, project_trusted } = settings;
  const host = { place: 'host', mayAllow: true } as const;
  return [
    { layer: 'policy', where: 'the policy', ...host, hooks: log.state.bounds.hooks },
    { layer: 'session', where: 'this session', ...host, hooks: runtime_config?.hooks },
    { layer: 'user', where: 'the user', ...host, hooks: user_hooks },
    {
      layer: 'project',
      where: 'the project',
      place: 'runner',
      mayAllow: true,
      // Until the yes of R4 they do not stand.
      hooks: project_trusted === true ? project_hooks : undefined,
    },
  ];
}

function ofAgent(name: string): Pick<Source, 'layer' | 'agent' | 'where' | 'place'> {
  return { layer: 'team', agent: name, where: `the agent ${name}`, place: 'runner' };
}

/** By configuration, which is the same object for as long as the session has it. */
const MADE = new WeakMap<HooksConfig, Map<string, readonly StandingHook[]>>();

function hooksOf(source: Source, event: HookEvent): readonly StandingHook[] {
  const { hooks, where, mayAllow } = source;
  if (hooks?.[event] === undefined) return [];
  const made = MADE.get(hooks) ?? new Map<string, readonly StandingHook[]>();
  MADE.set(hooks, made);
  const key = `${event}/${mayAllow}/${where}`;
  const known = made.get(key) ?? makeHooks(source, hooks, event);
  made.set(key, known);
  return known;
}

function makeHooks(source: Source, config: HooksConfig, name: HookEvent): readonly StandingHook[] {
  return groupsOf(config, name).flatMap(({ matcher, hooks, path }) =>
    hooks.map((definition, index) => ({
      event: name,
      definition,
      layer: source.layer,
      agent: source.agent,
      source: `${nameOf(definition, `${path}[${index}]`)} of ${source.where}`,
      place: source.place,
      mayAllow: source.mayAllow,
      id: idOf(definition, matcher, source),
      matches: matcherOf(matcher),
    })),
  );
}

function nameOf({ name, command }: HookDefinition, path: string): string {
  return `"${name ?? shortened(command) ?? path}"`;
}

function shortened(command: string | undefined): string | undefined {
  if (command === undefined || command.length <= 60) return command;
  return `${command.slice(0, 57)}...`;
}

/** Two of one type, command and arguments are one (the peer's rule), unless what they run in or what their failure means differs. */
function idOf(definition: HookDefinition, matcher: string | undefined, source: Source): string {
  const { type = 'command', command, args, env, working_dir, timeout, on_error } = definition;
  const { layer, place } = source;
  const parts = { type, command, args, env, working_dir, timeout, on_error, matcher, layer, place };
  return sha256(canonicalJson(parts)).slice(0, 16);
}
