import { toYonderError } from '../../protocol/errors.ts';
import type { EventDraft } from '../../protocol/store.ts';
import type { ResolvedAgent } from '../../protocol/team.ts';
import { identityOf } from '../../tools/identity.ts';
import type { Toolset } from '../../tools/tool.ts';
import type { RunState } from '../fold/run-state.ts';
import { event, type LoopContext } from '../loop/context.ts';
import type { McpServer } from './server.ts';
import type { McpServers } from './servers.ts';

/** What is remembered of each run and each server between two looks. None of it is truth: after a crash it is found out again (R23). */
export class McpReadiness {
  readonly #servers: McpServers;
  /** Servers that were started for a run's sake, or could not be, and which start it was. */
  readonly #tried = new WeakMap<RunState, Map<McpServer, number>>();
  /** By agent: what its toolsets were made of. */
  readonly #made = new Map<string, string>();
  readonly #said = new Set<string>();

  constructor(servers: McpServers) {
    this.#servers = servers;
  }

  /**
   * Sees to it that the tools of an agent's servers are known, before its model is asked or a call goes on: from the lists that were kept, else by
   * starting the servers side by side. Throws for a server that is required and cannot be had; for another one it is a warning.
   */
  async ready(
    context: LoopContext,
    run: RunState,
    agent: ResolvedAgent,
    signal: AbortSignal,
    /** Has the agent's toolsets made anew. */
    forget: () => void,
  ): Promise<void> {
    const servers = await this.#servers.of(agent);
    await this.#startMissing(context, run, servers, signal);
    if (signal.aborted) return;
    await Promise.all(servers.map((server) => server.refresh(signal)));
    const events: EventDraft[] = warnings(run, this.#servers.takeNotices());
    const made = servers.map(({ revision }) => revision).join(',');
    if (this.#made.get(agent.name) !== made) {
      this.#made.set(agent.name, made);
      forget();
      const changes = changesOf(context, run, agent);
      if (changes.length > 0) {
        await context.log.append({ events: changes });
        // What was trusted of a tool goes with its definition.
        forget();
      }
      const toolsets = context.toolsets(agent);
      events.push(...this.#news(run, toolsets), infoOf(run, toolsets));
    }
    if (events.length > 0) await context.log.append({ events });
  }

  async #startMissing(
    context: LoopContext,
    run: RunState,
    servers: readonly McpServer[],
    signal: AbortSignal,
  ): Promise<void> {
    const tried = this.#tried.get(run) ?? new Map<McpServer, number>();
    this.#tried.set(run, tried);
    const missing = servers.filter(
      (server) =>
        tried.get(server) !== server.generation &&
        !server.isRunning &&
        (server.listing === undefined || server.spec.lifecycle.required),
    );
    if (missing.length === 0) return;
    for (const server of missing) tried.set(server, server.generation);
    await context.log.append({ events: [event('mcp_init_started', run, {})] });
    const settled = await Promise.allSettled(missing.map((server) => server.connect(signal)));
    if (signal.aborted) return;
    const failures = settled.flatMap((result, index) =>
      result.status === 'rejected'
        ? [{ server: missing[index], error: toYonderError(result.reason, 'tool_failed') }]
        : [],
    );
    const required = failures.find(({ server }) => server?.spec.lifecycle.required === true);
    await context.log.append({
      events: [
        event('mcp_init_finished', run, {}),
        ...warnings(
          run,
          failures
            .filter(({ error }) => error !== required?.error)
            .map(({ error }) => `${error.message}; the run goes on without its tools`),
        ),
      ],
    });
    if (required !== undefined) throw required.error;
  }

  /** What is left out of a list is said once. */
  #news(run: RunState, toolsets: readonly Toolset[]): EventDraft[] {
    const notices = toolsets
      .flatMap((toolset) => toolset.notices ?? [])
      .filter((words) => !this.#said.has(words));
    for (const words of notices) this.#said.add(words);
    return warnings(run, notices);
  }
}

function warnings(run: RunState, messages: readonly string[]): EventDraft[] {
  return [...new Set(messages)].map((message) => event('warning', run, { message }));
}

/** Tools that are not what they were when they were seen first (R16). */
function changesOf(context: LoopContext, run: RunState, agent: ResolvedAgent): EventDraft[] {
  const known = context.log.state.tools;
  return context.toolsets(agent).flatMap(({ tools }) =>
    tools.flatMap((tool) => {
      const identity = identityOf(tool);
      const previous = known.get(identity);
      if (tool.digest === undefined || previous === undefined || previous === tool.digest) return [];
      return [event('tool_changed', run, { tool: identity, digest: tool.digest, previous })];
    }),
  );
}

/** How many tools there are, and which definitions were seen of those that are not ours. */
function infoOf(run: RunState, toolsets: readonly Toolset[]): EventDraft {
  const tools = toolsets.flatMap((toolset) => toolset.tools);
  const digests = tools.flatMap((tool) =>
    tool.digest === undefined ? [] : [[identityOf(tool), tool.digest]],
  );
  return event('toolset_info', run, {
    available_tools: tools.length,
    loading: false,
    digests: Object.fromEntries(digests) as Record<string, string>,
  });
}
