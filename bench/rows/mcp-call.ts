import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { unixLocal } from '../../src/runner/providers/unix-local/provider.ts';
import { McpServers } from '../../src/runtime/mcp/servers.ts';
import { FIXTURE_SERVER } from '../../src/testing/mcp/fixture.ts';
import type { ToolContext } from '../../src/tools/tool.ts';
import { type Row, wall } from '../row.ts';

const calls = 500;
const args = { text: 'hello' };

/** From a tool's execution to its result, over the pipes of a workspace; what is decided and recorded of a call is in other rows. */
export const row: Row = {
  what: 'MCP tool call, 500 one after the other',
  against: 'the same calls by the client package alone',
  bars: { wall: { ratio: 1.3, direction: 'at most' } },
  rounds: 9,
  async prepare() {
    const folder = await mkdtemp(path.join(tmpdir(), 'yonder-bench-'));
    const { PATH = '' } = process.env;
    const provider = unixLocal({
      spool_dir: path.join(folder, 'spool'),
      env: { PATH },
      withhold: () => false,
      pass_env: [],
    });
    const session = await provider.createSession({
      id: 'bench',
      provider_id: provider.id,
      config: { root: folder },
      default_manifest: { entries: [], mounts: [] },
    });
    const workspace = await session.openWorkspace({ workspace: folder, add_dirs: [], read_roots: [] });
    const none = () => Promise.reject(new Error('no server of this bench is remote'));
    const servers = new McpServers({
      workspace: () => Promise.resolve(workspace),
      variable: () => undefined,
      remote: none,
      signIn: none,
      working_dir: () => folder,
      hasChanged: () => false,
      random: () => 0.5,
      cache_dir: folder,
      version: 'bench',
    });
    const options = { command: process.execPath, args: [FIXTURE_SERVER] };
    const toolset = { type: 'mcp', name: 'fix', options };
    const { signal } = new AbortController();
    await servers.server(toolset).connect(signal);
    const echo = servers.toolset(toolset).tools.find(({ own_name }) => own_name === 'echo');
    if (echo === undefined) throw new Error('the server has no echo');
    const context = { signal, emit: () => {} } as unknown as ToolContext;
    const client = new Client({ name: 'bench', version: '1' });
    await client.connect(new StdioClientTransport({ ...options, env: { PATH } }));
    await client.listTools();
    const loop = (call: () => Promise<unknown>) =>
      wall(async () => {
        for (let done = 0; done < calls; done += 1) await call();
      });
    return {
      ours: async () => ({ wall: await loop(() => echo.execute(args, context)) }),
      base: async () => ({ wall: await loop(() => client.callTool({ name: 'echo', arguments: args })) }),
      async close() {
        await client.close();
        await servers.close();
        await workspace.close();
        await rm(folder, { recursive: true });
      },
    };
  },
};
