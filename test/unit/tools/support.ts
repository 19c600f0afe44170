import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { RunnerProvider } from '../../../src/protocol/runner-session.ts';
import type { Workspace } from '../../../src/protocol/workspace.ts';
import { runnerDestinationSchema } from '../../../src/protocol/runner.ts';
import { UNIX_LOCAL, unixLocal, type UnixLocalOptions } from '../../../src/runner/index.ts';
import {
  buildToolsets,
  runTool,
  type Tool,
  type ToolContext,
  type ToolResult,
} from '../../../src/tools/index.ts';

export interface Bench {
  root: string;
  workspace: Workspace;
  provider: RunnerProvider;
  emitted: { stream: string; text: string }[];
  blobs: Uint8Array[];
  delegated: unknown[];
  asked: unknown[];
  abort: AbortController;
  tools: Tool[];
  context(over?: Partial<ToolContext>): ToolContext;
  tool(name: string): Tool;
  run(name: string, args: unknown, over?: Partial<ToolContext>): Promise<ToolResult>;
}

export const ALL_TOOLSETS = ['filesystem', 'shell', 'fetch', 'think', 'todo', 'user_prompt'].map((type) => ({
  type,
  options: {},
}));

const destination = (root: string) =>
  runnerDestinationSchema.parse({ id: 'here', provider_id: UNIX_LOCAL, config: { root } });

/** A workspace of the real local runner in a folder of its own, and tools over it. */
export async function bench(
  toolsets: Parameters<typeof buildToolsets>[0]['toolsets'] = ALL_TOOLSETS,
  local: Partial<UnixLocalOptions> = {},
): Promise<Bench> {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'yonder-tools-')));
  const root = join(base, 'work');
  mkdirSync(root);
  const provider = unixLocal({ spool_dir: join(base, 'spool'), ...local });
  const session = await provider.createSession(destination(root));
  const workspace = await session.openWorkspace({ workspace: root });
  onTestFinished(async () => {
    await session.close();
    rmSync(base, { recursive: true, force: true });
  });
  const state = new Map<string, unknown>();
  const emitted: Bench['emitted'] = [];
  const blobs: Uint8Array[] = [];
  const delegated: unknown[] = [];
  const asked: unknown[] = [];
  const abort = new AbortController();
  let commands = 0;
  const built = buildToolsets({ toolsets, sub_agents: [{ name: 'helper', description: 'helps' }] });
  const tools = built.flatMap((toolset) => [...toolset.tools]);
  const context = (over: Partial<ToolContext> = {}): ToolContext => ({
    workspace,
    command_id: `cmd_${(commands += 1)}`,
    // What is durable has been through JSON.
    state: {
      read: (key) => state.get(key),
      write: (key, value) => state.set(key, JSON.parse(JSON.stringify(value))),
    },
    handoff: (agent) => ({ output: agent }),
    http: over.http ?? (() => Promise.reject(new Error('no network here'))),
    delegate: async (request) => {
      delegated.push(request);
      return { output: 'done by the helper' };
    },
    ask: async (request) => {
      asked.push(request);
      return { action: 'accept', content: { response: 'blue' } };
    },
    emit: (stream, text) => emitted.push({ stream, text }),
    saveBlob: async (bytes, media_type, name) => {
      blobs.push(bytes);
      return {
        type: 'file',
        blob_id: `blob_${blobs.length}`,
        media_type,
        size: bytes.length,
        ...(name === undefined ? {} : { name }),
      };
    },
    call: (request) => Promise.reject(new Error(`nobody calls ${request.tool} here`)),
    sample: () => Promise.reject(new Error('no model here')),
    secrets: { resolve: (reference) => Promise.reject(new Error(`no secret ${reference} here`)) },
    clock: { now: () => new Date(0) },
    signal: abort.signal,
    ...over,
  });
  const tool = (name: string): Tool => {
    const found = tools.find(({ definition }) => definition.name === name);
    if (found === undefined) throw new Error(`no tool ${name}`);
    return found;
  };
  const run = (name: string, args: unknown, over?: Partial<ToolContext>) =>
    runTool(tool(name), typeof args === 'string' ? args : JSON.stringify(args), context(over));
  return { root, workspace, provider, emitted, blobs, delegated, asked, abort, tools, context, tool, run };
}

/** Another Host's view of the same folder and spool, as after a restart. */
export async function reopened({ provider, root }: Bench): Promise<Workspace> {
  const session = await provider.createSession(destination(root));
  onTestFinished(() => session.close());
  return session.openWorkspace({ workspace: root });
}
