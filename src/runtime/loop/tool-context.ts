import { YonderError } from '../../protocol/errors.ts';
import type { Workspace } from '../../protocol/workspace.ts';
import type { Tool, ToolContext } from '../../tools/tool.ts';
import type { CallState } from '../fold/call-state.ts';
import type { RunState } from '../fold/run-state.ts';
import { newId } from '../ids.ts';
import type { CallQuestions } from './ask.ts';
import type { CalledTools } from './called.ts';
import { isScreened } from '../hooks/tool-results.ts';
import { conversationOf, type LoopContext } from './context.ts';
import { delegate } from './delegate.ts';
import type { HandoffRequest } from './handoff.ts';
import { refuseDeniedHop } from './judge.ts';
import { sample } from './sample.ts';

export interface ContextParts {
  context: LoopContext;
  run: RunState;
  call: CallState;
  tool: Tool;
  args: Record<string, unknown>;
  /** What the tool writes into its state, to be recorded with its result. */
  writes: Record<string, unknown>;
  questions: CallQuestions;
  handed: HandoffRequest;
  called: CalledTools;
  signal: AbortSignal;
}

/** All that a tool sees of the world (R24), for one call. */
export async function makeContext(parts: ContextParts): Promise<ToolContext> {
  const { context, run, call, tool, args, writes, questions, handed, called, signal } = parts;
  const states =
    tool.shared === true ? context.log.state.shared_state : conversationOf(context, run).tool_state;
  const hidden = isScreened(parts);
  return {
    ...(await workspaceFor(context, tool)),
    command_id: call.command_id ?? newId('cmd'),
    state: {
      read: (key) => (Object.hasOwn(writes, key) ? writes[key] : states.get(tool.toolset)?.get(key)),
      write: (key, value) => {
        writes[key] = value;
      },
    },
    http: (request) =>
      context.http({
        ...request,
        check: async (url) => {
          await request.check?.(url);
          await refuseDeniedHop(context, run, tool, args, url);
        },
      }),
    delegate: (request) => delegate(context, run, call, request),
    handoff: handed.ask,
    ask: questions.ask,
    emit: (stream, text) => {
      // A hook looks at it first.
      if (hidden) return;
      const key = `call/${run.run_id}/${call.call.id}/${stream}`;
      const fields = {
        session_id: run.session_id,
        run_id: run.run_id,
        agent_name: run.agent_name,
        ...(run.parent === undefined ? {} : { parent: run.parent }),
        tool_call_id: call.call.id,
        stream,
        attempt: 1,
      };
      context.log.preview(key, 'tool_call_output', text, fields, (output) => ({ output }));
    },
    saveBlob: async (bytes, media_type, name) => {
      const blob_id = newId('blob');
      await context.log.store.putBlob(context.log.root_id, { blob_id, media_type, name }, bytes);
      return {
        type: 'file',
        blob_id,
        media_type,
        size: bytes.byteLength,
        ...(name === undefined ? {} : { name }),
      };
    },
    call: (request) => called.call(request),
    sample: (request) => sample(context, run, call, request, signal),
    secrets: { resolve: (reference) => context.secret(reference) },
    clock: { now: () => context.now() },
    signal,
  };
}

/** A tool that only changes the session needs no workspace, so a text-only run makes none (DESIGN.md section 7). */
async function workspaceFor(context: LoopContext, tool: Tool): Promise<{ workspace: Workspace }> {
  if (tool.needsWorkspace ?? (tool.effect !== 'session' && tool.effect !== 'delegate'))
    return { workspace: await context.workspace() };
  const refuse = (_target: Workspace, property: string | symbol): never => {
    throw new YonderError(
      'internal',
      `${tool.definition.name} declares no effect on a workspace and asked for ${String(property)}`,
    );
  };
  return { workspace: new Proxy({} as Workspace, { get: refuse }) };
}
