import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ResolvedToolset } from '../../../../src/protocol/team.ts';
import type { Workspace } from '../../../../src/protocol/workspace.ts';
import { unixLocal } from '../../../../src/runner/providers/unix-local/provider.ts';
import { McpServers } from '../../../../src/runtime/mcp/servers.ts';
import { FIXTURE_SERVER } from '../../../../src/testing/mcp/fixture.ts';
import type { ToolContext, ToolResult, Toolset } from '../../../../src/tools/tool.ts';
import { partProgram } from '../../../parts/parts.ts';

let folder: string;
let workspace: Workspace;
const opened: McpServers[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'yonder-mcp-'));
  const provider = unixLocal({
    spool_dir: join(folder, 'spool'),
    env: {
      PATH: process.env['PATH'],
      OPENAI_API_KEY: 'canary-key',
      YONDER_TOKEN: 'canary-token',
      MINE: 'yes',
    },
    withhold: (name) => /^(YONDER_|OPENAI)/.test(name),
    pass_env: [],
  });
  const session = await provider.createSession({
    id: 'mcp',
    provider_id: provider.id,
    config: { root: folder },
    default_manifest: { entries: [], mounts: [] },
  });
  workspace = await session.openWorkspace({ workspace: folder, add_dirs: [], read_roots: [] });
});

afterAll(async () => {
  await Promise.all(opened.map((servers) => servers.close()));
  await workspace.close();
  await rm(folder, { recursive: true, force: true });
});

interface Served {
  servers: McpServers;
  toolset(): Toolset;
  start(): Promise<void>;
  call(tool: string, args?: Record<string, unknown>, signal?: AbortSignal): Promise<ToolResult>;
}

/** One server, without a model and a session around it. */
function serve(
  options: Record<string, unknown>,
  more: Partial<ResolvedToolset> = {},
  cache = 'cache',
): Served {
  const servers = new McpServers({
    workspace: () => Promise.resolve(workspace),
    variable: (name) => (name === 'OPENAI_API_KEY' ? 'canary-key' : undefined),
    remote: () => Promise.reject(new Error('none is remote here')),
    signIn: () => Promise.reject(new Error('none is remote here')),
    working_dir: () => folder,
    hasChanged: () => false,
    random: () => 0.5,
    cache_dir: join(folder, cache),
    version: 'test',
  });
  opened.push(servers);
  const resolved: ResolvedToolset = { type: 'mcp', name: 'it', options, ...more };
  const toolset = (): Toolset => servers.toolset(resolved);
  return {
    servers,
    toolset,
    start: async () => void (await servers.server(resolved).connect(AbortSignal.timeout(60_000))),
    async call(name, args = {}, signal = AbortSignal.timeout(60_000)) {
      const tool = toolset().tools.find((candidate) => candidate.own_name === name);
      if (tool === undefined) throw new Error(`no tool ${name}`);
      const saved: Uint8Array[] = [];
      const context = {
        signal,
        emit: () => {},
        saveBlob: (bytes: Uint8Array, media_type: string) => {
          saved.push(bytes);
          return Promise.resolve({
            type: 'file',
            blob_id: `blob_${saved.length}`,
            media_type,
            size: bytes.byteLength,
          });
        },
      } as unknown as ToolContext;
      return tool.execute(args, context);
    },
  };
}

const fixture = (behaviour: string, more: Record<string, unknown> = {}) => ({
  command: process.execPath,
  args: [FIXTURE_SERVER],
  env: { MCP_BEHAVIOUR: behaviour },
  ...more,
});
const names = (toolset: Toolset): string[] => toolset.tools.map(({ definition }) => definition.name);

describe('what goes wrong with a server', () => {
  test('one that never answers is ended after its time, with what it said', async () => {
    const { start } = serve(fixture('silent', { lifecycle: { startup_timeout: '1s' } }));
    await expect(start()).rejects.toThrow(
      /^the MCP server it could not be started: it did not answer within 1 s \(startup_timeout\)$/,
    );
  });

  test('one that exits at once says how, and is not started again where its lifecycle says so', async () => {
    const { start } = serve(fixture('exits', { lifecycle: { restart: 'never' } }));
    await expect(start()).rejects.toThrow(/it ended with exit code 4; its stderr: no licence found$/);
    await expect(start()).rejects.toThrow(/is not started again: its lifecycle says `restart: never`/);
  });

  test('text on stdout is passed over with a word', async () => {
    const { servers, start, toolset } = serve(fixture('chats'));
    await start();
    expect(servers.takeNotices()).toEqual([
      'the MCP server it prints text that is no MCP message, which is ignored: Welcome to the fixture!',
    ]);
    expect(names(toolset())).toContain('it_echo');
  });

  test('of 10,000 tools the first hundred are taken, or those that are named', async () => {
    const { start, toolset } = serve(fixture('many'), {}, 'many');
    await start();
    expect(toolset().tools).toHaveLength(100);
    expect(toolset().notices).toEqual([
      'the MCP server it offers more than can be looked at; 8000 were left out',
      'the MCP server it offers 2000 tools; the first 100 are taken: name those that you want in `tools` of its toolset',
    ]);
    const named = serve(fixture('many'), { tools: ['tool_1500', 'tool_x'] }, 'many');
    await named.servers.of({ toolsets: [{ type: 'mcp', name: 'it', options: fixture('many') }] } as never);
    expect(names(named.toolset())).toEqual(['it_tool_1500']);
    expect(named.toolset().notices).toContainEqual(
      expect.stringMatching(/^the MCP server it has no tool "tool_x"/),
    );
  });

  test('of two tools with one name the first counts', async () => {
    const { start, toolset } = serve(fixture('twins'));
    await start();
    expect(names(toolset())).toEqual(['it_same', 'it_other']);
    expect(toolset().notices).toEqual([
      'the MCP server it offers two tools that are called it_same here; the second (same) is left out',
    ]);
  });

  test('schemas that providers refuse are mended, and what cannot be mended is left out', async () => {
    const { start, toolset, call } = serve(fixture('odd'));
    await start();
    expect(toolset().tools.map(({ definition }) => [definition.name, definition.parameters])).toEqual([
      [
        'it_combined',
        {
          type: 'object',
          properties: {
            a: { type: 'string', description: 'from a reference' },
            b: { type: 'array', items: {} },
          },
          required: [],
        },
      ],
      ['it_nested', { type: 'object', properties: { self: { type: 'object', properties: { self: {} } } } }],
    ]);
    expect(toolset().notices).toEqual([
      'the MCP server it offers named, which is left out: its argument "a b!" has a name that providers refuse',
    ]);
    expect(await call('combined', { a: 'x' })).toEqual({ output: 'done' });
  });
});

describe('a server that works', () => {
  test('gives results within bounds, takes no key, and is called only as it is now', async () => {
    const { start, call, toolset, servers } = serve(fixture('', { env: { GIVEN: 'it is' } }));
    await start();
    const { env, argv } = JSON.parse((await call('environment')).output) as { env: object; argv: string[] };
    expect(env).toMatchObject({ MINE: 'yes', GIVEN: 'it is' });
    expect(JSON.stringify({ env, argv })).not.toMatch(/canary/);
    const long = await call('flood', { megabytes: 1 });
    expect(long.output.length).toBeLessThan(31_000);
    expect(long.output).toMatch(/\[\.\.\. \d+ characters of output are left out \.\.\.\]/);
    const before = toolset().tools.find(({ own_name }) => own_name === 'grow');
    await call('grow');
    const context = { signal: AbortSignal.timeout(60_000), emit: () => {} } as unknown as ToolContext;
    const stale = await before?.execute({}, context);
    expect(stale?.output).toMatch(
      /has changed its tool grow since this call was asked for, so it was not made/,
    );
    const huge = await call('flood', { megabytes: 100 });
    expect(huge).toEqual({
      output: expect.stringMatching(
        /^The MCP server it failed: .*the server's answer has 1048\d+ bytes; one may have 16777216$/,
      ),
      is_error: true,
    });
    expect((await call('echo', { text: 'still there' })).output).toBe('echo: still there');
    await servers.close();
    expect(servers.isRunning).toBe(false);
  });

  test('starts no twice, and a broken list is asked for again', async () => {
    const { servers, start } = serve(fixture('twins'), {}, 'broken');
    const trace = join(folder, 'trace-twins');
    const options = fixture('twins', { env: { MCP_BEHAVIOUR: 'twins', MCP_TRACE: trace } });
    const agent = { toolsets: [{ type: 'mcp', name: 'it', options }] } as never;
    await Promise.all(
      [1, 2, 3].map(() => servers.server({ type: 'mcp', options }).connect(AbortSignal.timeout(60_000))),
    );
    expect((await readFile(trace, 'utf8')).split('\n').filter((line) => line === 'start')).toHaveLength(1);
    expect(await readdir(join(folder, 'broken', 'mcp'))).toHaveLength(1);
    await start();
    await expect(servers.of(agent)).resolves.toHaveLength(1);
  });
});

describe('servers of others', () => {
  test('server-everything', async () => {
    const { start, call, toolset } = serve({
      command: process.execPath,
      args: [partProgram('server-everything')],
    });
    await start();
    expect(names(toolset())).toContain('it_echo');
    expect((await call('echo', { message: 'hi' })).output).toMatch(/hi/);
    expect((await call('get-tiny-image')).parts).toMatchObject([{ media_type: 'image/png' }]);
    expect((await call('get-structured-content', { location: 'New York' })).output).toMatch(/temperature/);
    expect((await call('list_resources')).output).toMatch(/^demo:\/\//m);
  });

  test('server-filesystem and server-memory', async () => {
    const files = serve({ command: process.execPath, args: [partProgram('server-filesystem'), folder] });
    const memory = serve({
      command: process.execPath,
      args: [partProgram('server-memory')],
      env: { MEMORY_FILE_PATH: join(folder, 'memory.json') },
    });
    await Promise.all([files.start(), memory.start()]);
    await files.call('write_file', { path: join(folder, 'a.txt'), content: 'from a server' });
    expect(await readFile(join(folder, 'a.txt'), 'utf8')).toBe('from a server');
    expect((await files.call('read_text_file', { path: '/etc/passwd' })).is_error).toBe(true);
    await memory.call('create_entities', {
      entities: [{ name: 'Ada', entityType: 'person', observations: ['counts'] }],
    });
    expect((await memory.call('read_graph')).output).toMatch(/Ada/);
  });
});
