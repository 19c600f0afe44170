import type { ResolvedAgent, ResolvedToolset } from '../../protocol/team.ts';
import type { Toolset } from '../../tools/tool.ts';
import type { RunState } from '../fold/run-state.ts';
import type { LoopContext } from '../loop/context.ts';
import { McpReadiness } from './ready.ts';
import { McpServers, type ServersParts } from './servers.ts';

/** The MCP servers of a session tree as its parts see them. */
export interface SessionServers {
  readonly all: McpServers;
  readonly isRunning: boolean;
  toolset(this: void, toolset: ResolvedToolset): Toolset;
  /** Reads what was kept of an agent's servers; true where that is news. */
  recall(agent: ResolvedAgent): Promise<boolean>;
  ready(
    context: LoopContext,
    run: RunState,
    agent: ResolvedAgent,
    signal: AbortSignal,
    forget: () => void,
  ): Promise<void>;
  close(): Promise<void>;
}

export function sessionServers(parts: ServersParts): SessionServers {
  const all = new McpServers(parts);
  const readiness = new McpReadiness(all);
  const recalled = new Set<string>();
  return {
    all,
    get isRunning() {
      return all.isRunning;
    },
    toolset: (toolset) => all.toolset(toolset),
    async recall(agent) {
      if (recalled.has(agent.name)) return false;
      await all.of(agent);
      recalled.add(agent.name);
      return true;
    },
    ready: (context, run, agent, signal, forget) => readiness.ready(context, run, agent, signal, forget),
    close: () => all.close(),
  };
}
