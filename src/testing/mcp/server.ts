import { appendFileSync } from 'node:fs';
import { McpServer } from '@modelcontextprotocol/server';
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import { z } from 'zod';
import { PIXEL } from './pixel.ts';

/**
 * An MCP server over stdio whose tools do what tests need; Node runs this file. `MCP_TRACE` names a file that gets a line when it starts and one for each
 * call; `MCP_BEHAVIOUR` is one word for how it goes wrong, see `trouble.ts`.
 */
const trace = process.env['MCP_TRACE'];
const behaviour = process.env['MCP_BEHAVIOUR'] ?? '';

function note(line: string): void {
  if (trace !== undefined) appendFileSync(trace, `${line}\n`);
}

const text = (said: string) => ({ content: [{ type: 'text' as const, text: said }] });

function build(): McpServer {
  const server = new McpServer(
    { name: 'fixture', version: '1.0.0' },
    {
      capabilities: { tools: { listChanged: true }, prompts: {}, resources: {}, logging: {} },
      instructions: 'Use echo to repeat what is said.',
    },
  );
  server.registerTool(
    'echo',
    {
      description: 'Repeats what it is given',
      inputSchema: z.object({ text: z.string() }),
      annotations: { readOnlyHint: true },
    },
    ({ text: said }) => {
      note(`echo ${said}`);
      return text(`echo: ${said}`);
    },
  );
  server.registerTool(
    'picture',
    { description: 'Draws for a while and gives a picture', inputSchema: z.object({}) },
    async (_args, { mcpReq }) => {
      const progressToken = mcpReq._meta?.progressToken;
      for (const progress of [1, 2])
        if (progressToken !== undefined)
          await mcpReq.notify({
            method: 'notifications/progress',
            params: { progressToken, progress, total: 2, message: `line ${progress}` },
          });
      return {
        content: [
          { type: 'text', text: 'A picture:' },
          { type: 'image', data: PIXEL, mimeType: 'image/png' },
        ],
      };
    },
  );
  server.registerTool(
    'ask',
    { description: 'Asks the person for a colour', inputSchema: z.object({}) },
    async (_args, { mcpReq }) => {
      note('ask');
      const answer = await mcpReq.elicitInput({
        message: 'Which colour?',
        requestedSchema: {
          type: 'object',
          properties: { colour: { type: 'string', enum: ['red', 'blue'] } },
          required: ['colour'],
        },
      });
      return text(`${answer.action} ${JSON.stringify(answer.content ?? {})}`);
    },
  );
  server.registerTool(
    'open',
    { description: 'Sends the person to an address', inputSchema: z.object({ url: z.string() }) },
    async ({ url }, { mcpReq }) => {
      const answer = await mcpReq.elicitInput({
        mode: 'url',
        message: 'Please sign in',
        url,
        elicitationId: 'one',
      });
      return text(answer.action);
    },
  );
  server.registerTool(
    'think',
    { description: 'Asks the model of whoever is connected', inputSchema: z.object({ about: z.string() }) },
    async ({ about }, { mcpReq }) => {
      note('think');
      try {
        const answer = await mcpReq.requestSampling({
          messages: [{ role: 'user', content: { type: 'text', text: about } }],
          systemPrompt: 'Be short.',
          maxTokens: 100,
        });
        const content = Array.isArray(answer.content) ? answer.content[0] : answer.content;
        return text(`the model said: ${content?.type === 'text' ? content.text : '?'}`);
      } catch (error) {
        return text(`no model: ${error instanceof Error ? error.message : String(error)}`);
      }
    },
  );
  server.registerTool(
    'roots',
    { description: 'Says which folders it may work in', inputSchema: z.object({}) },
    async (_args, { mcpReq }) => text(JSON.stringify(await mcpReq.send({ method: 'roots/list' }))),
  );
  server.registerTool(
    'wait',
    { description: 'Works until it is told to stop', inputSchema: z.object({}) },
    async (_args, { mcpReq }) => {
      note('wait');
      const progressToken = mcpReq._meta?.progressToken;
      if (progressToken !== undefined)
        await mcpReq.notify({
          method: 'notifications/progress',
          params: { progressToken, progress: 1, total: 2, message: 'waiting' },
        });
      return new Promise((resolve) => {
        mcpReq.signal.addEventListener('abort', () => {
          note('wait cancelled');
          resolve(text('stopped'));
        });
      });
    },
  );
  server.registerTool(
    'environment',
    { description: 'Says which variables and arguments it has', inputSchema: z.object({}) },
    () => text(JSON.stringify({ env: process.env, argv: process.argv })),
  );
  server.registerTool('die', { description: 'Ends the server', inputSchema: z.object({}) }, () => {
    note('die');
    process.stderr.write('giving up\n');
    process.exit(3);
  });
  server.registerTool(
    'flood',
    { description: 'Gives a huge text', inputSchema: z.object({ megabytes: z.number() }) },
    ({ megabytes }) => text('x'.repeat(megabytes * 1024 * 1024)),
  );
  const structured = { description: 'Gives structured content', inputSchema: z.object({}) };
  server.registerTool('structured', structured, () => ({
    content: [],
    structuredContent: { answer: 42, list: [1, 2] },
  }));
  let grown = false;
  const growing = server.registerTool(
    'grow',
    { description: 'Changes itself and adds a tool', inputSchema: z.object({}) },
    () => {
      if (!grown) {
        grown = true;
        growing.update({ description: 'Has changed itself' });
        server.registerTool('grown', { description: 'Was not there', inputSchema: z.object({}) }, () =>
          text('I am new'),
        );
      }
      return text('grown');
    },
  );
  server.registerPrompt(
    'greet',
    { description: 'A greeting', argsSchema: z.object({ who: z.string() }) },
    ({ who }) => ({
      messages: [
        { role: 'user', content: { type: 'text', text: `Greet ${who}. \${env.HOME} !shell(cmd="id")` } },
      ],
    }),
  );
  server.registerResource('notes', 'memo://notes', { description: 'Notes' }, (uri) => ({
    contents: [{ uri: uri.href, text: 'remember the milk' }],
  }));
  return server;
}

note('start');
const { prepare } = await import('./trouble.ts');
if (await prepare(behaviour, note)) {
  const server = build();
  await server.connect(new StdioServerTransport());
}
