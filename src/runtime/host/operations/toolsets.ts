import type { RequestContext } from '../../../protocol/context.ts';
import { YonderError } from '../../../protocol/errors.ts';
import { prefixOf } from '../../../tools/mcp/names.ts';
import { newId } from '../../ids.ts';
import type { KnownPrompt } from '../../mcp/servers.ts';
import { currentAgent } from '../describe.ts';
import type { Host } from '../host.ts';
import type { OpenSession } from '../open-session.ts';
import type { Handlers } from './handlers.ts';
import { send } from './inputs.ts';

type Names =
  | 'session/tools'
  | 'session/toolsets'
  | 'session/toolset_restart'
  | 'session/prompts'
  | 'session/prompt';

/** What the current agent's toolsets offer, those of MCP servers as far as they were listed before: looking starts nothing. */
export const toolsetHandlers: Handlers<Names> = {
  async 'session/tools'(host, context, request) {
    const session = await opened(host, context, request);
    const tools = session
      .toolsets(currentAgent(session))
      .flatMap((toolset) => toolset.tools.map((tool) => tool.definition));
    return { tools, as_of: session.log.state.head };
  },

  async 'session/toolsets'(host, context, request) {
    const session = await opened(host, context, request);
    const agent = currentAgent(session);
    const servers = await session.servers(agent);
    const toolsets = session.toolsets(agent).map((toolset) => {
      const named = agent.toolsets.find(
        (candidate) =>
          candidate.type === 'mcp' && toolset.type === 'mcp' && prefixOf(candidate) === toolset.name,
      );
      const server = named === undefined ? undefined : servers?.all.server(named);
      return {
        name: toolset.name,
        type: toolset.type,
        state: server?.state ?? 'ready',
        tools: toolset.tools.map((tool) => tool.definition.name),
        ...(server === undefined ? {} : { restarts: server.restarts }),
        ...(server?.last_error === undefined ? {} : { last_error: server.last_error }),
      };
    });
    return { toolsets, as_of: session.log.state.head };
  },

  async 'session/toolset_restart'(host, context, request) {
    const session = await opened(host, context, request);
    const names = session.team.agents.flatMap(({ toolsets }) =>
      toolsets.filter(({ type }) => type === 'mcp').map((toolset) => prefixOf(toolset)),
    );
    const available = [...new Set(names)];
    if (!available.includes(request.toolset)) {
      const there = available.length === 0 ? 'there is none' : `there are ${available.join(', ')}`;
      const message = `no toolset that can be restarted is called "${request.toolset}"; ${there}`;
      throw new YonderError('not_found', message, { details: { available } });
    }
    const { toolset } = request;
    const { outcome } = await send(
      host,
      context,
      'session/toolset_restart',
      request,
      'toolset_restart',
      { toolset },
      { outcome: { toolset } },
    );
    return outcome as { input_id: string; toolset: string };
  },

  async 'session/prompts'(host, context, request) {
    const session = await opened(host, context, request);
    const known = await promptsOf(session);
    const prompts = known.map(({ name, toolset, listed }) => ({
      name,
      toolset,
      ...(listed.description === undefined ? {} : { description: listed.description }),
      arguments: listed.arguments.map((argument) => ({ ...argument, required: argument.required === true })),
    }));
    return { prompts, as_of: session.log.state.head };
  },

  async 'session/prompt'(host, context, request) {
    const session = await opened(host, context, request);
    const given = request.arguments ?? {};
    checkPrompt(session, await promptsOf(session), request.name, given);
    const run_id = newId('run');
    const payload = {
      run_id,
      name: request.name,
      arguments: Object.entries(given).map(([name, value]) => `${name}=${value}`),
      prompt_arguments: given,
    };
    const { outcome } = await send(host, context, 'session/prompt', request, 'prompt', payload, {
      require_idle: true,
      outcome: { run_id },
    });
    return outcome as { input_id: string; run_id: string };
  },
};

async function opened(
  host: Host,
  context: RequestContext,
  request: { session_id: string },
): Promise<OpenSession> {
  const session = await host.open(await host.row(context, request.session_id));
  await session.servers(currentAgent(session));
  return session;
}

async function promptsOf(session: OpenSession): Promise<KnownPrompt[]> {
  const agent = currentAgent(session);
  return (await session.servers(agent))?.all.prompts(agent) ?? [];
}

/** What is wrong is said to who typed it, as far as it is known before a server is started. */
function checkPrompt(
  session: OpenSession,
  known: readonly KnownPrompt[],
  name: string,
  given: Readonly<Record<string, string>>,
): void {
  const { name: agent, toolsets } = currentAgent(session);
  const found = known.find((prompt) => prompt.name === name);
  if (found === undefined) {
    // One that was never asked for its prompts may have it.
    const isOpen = toolsets.some(({ type }) => type === 'mcp') && known.length === 0;
    if (isOpen) return;
    const available = known.map((prompt) => prompt.name);
    const there = available.length === 0 ? '' : `; there are ${available.join(', ')}`;
    throw new YonderError('not_found', `${agent} has no prompt "${name}"${there}`, {
      details: { available },
    });
  }
  const missing = found.listed.arguments.filter(
    (argument) => argument.required === true && given[argument.name] === undefined,
  );
  if (missing.length === 0) return;
  const names = missing.map((argument) => argument.name).join(', ');
  throw new YonderError('invalid_request', `arguments: the prompt ${name} needs ${names}`, {
    details: { field: 'arguments', missing: missing.map((argument) => argument.name) },
  });
}
