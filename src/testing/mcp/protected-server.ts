import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { McpServer, WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { AuthorizationServer, type AuthorizationOptions, type Said } from './authorization-server.ts';

export interface ProtectedOptions extends AuthorizationOptions {
  /** What every request needs. */
  scope?: string;
  /** What `write_note` needs beside it. */
  writeScope?: string;
  /** It refuses every token, however good. */
  refuses?: 'unauthorized' | 'scope';
  /** It says that it is this resource. */
  resource?: string;
  /** Every request of MCP is sent on to there. */
  redirect?: string;
}

/** An MCP server behind OAuth on a socket of this machine, with its authorization server on the same. */
export interface ProtectedServer {
  /** Where MCP is spoken. */
  readonly url: string;
  readonly origin: string;
  readonly authority: AuthorizationServer;
  /** Method and path of each request, and the tool that was called. */
  readonly journal: string[];
  /** What the tool `write_note` was given. */
  readonly notes: string[];
  /** What a person's browser does: opens the address, agrees, and gives where it was sent back to. */
  browse(authorization_url: string): Promise<URL>;
  close(): Promise<void>;
}

export async function startProtectedServer(options: ProtectedOptions = {}): Promise<ProtectedServer> {
  const { scope = 'read', writeScope = 'write' } = options;
  const authority = new AuthorizationServer(options);
  const journal: string[] = [];
  const notes: string[] = [];
  let origin = '';

  const server = createServer((request, response) => {
    answer(request, response).catch((thrown: unknown) => {
      response.statusCode = 500;
      response.end(String(thrown));
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', origin);
    const body = await read(request);
    if (url.pathname === '/mcp') return mcp(request, response, body);
    journal.push(`${request.method} ${url.pathname}`);
    say(response, oauth(url, body, request.headers.authorization));
  }

  function oauth(url: URL, body: string, authorization: string | undefined): Said {
    switch (url.pathname) {
      case '/.well-known/oauth-protected-resource/mcp':
        return {
          status: 200,
          body: {
            resource: options.resource ?? `${origin}/mcp`,
            authorization_servers: [origin],
            scopes_supported: [scope],
          },
        };
      case '/.well-known/oauth-authorization-server':
        return { status: 200, body: authority.metadata(origin) };
      case '/register':
        return authority.register(JSON.parse(body) as object);
      case '/authorize':
        return authority.authorize(url.searchParams, origin);
      case '/token':
        return authority.token(new URLSearchParams(body), authorization);
      default:
        return { status: 404, body: {} };
    }
  }

  function challenge(response: ServerResponse, status: 401 | 403, wanted: string): void {
    const error = status === 403 ? 'error="insufficient_scope", ' : '';
    response.writeHead(status, {
      'www-authenticate': `Bearer ${error}scope="${wanted}", resource_metadata="${origin}/.well-known/oauth-protected-resource/mcp"`,
    });
    response.end();
  }

  async function mcp(request: IncomingMessage, response: ServerResponse, body: string): Promise<void> {
    const tool = toolOf(body);
    journal.push(`${request.method} /mcp${tool === undefined ? '' : ` ${tool}`}`);
    if (options.redirect !== undefined) {
      response.writeHead(307, { location: options.redirect }).end();
      return;
    }
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    const granted = token === undefined ? undefined : authority.scopesOf(token);
    if (granted === undefined || options.refuses === 'unauthorized') return challenge(response, 401, scope);
    const wanted = tool === 'write_note' ? writeScope : scope;
    if (!granted.includes(wanted) || (tool !== undefined && options.refuses === 'scope'))
      return challenge(response, 403, wanted);
    await speak(request, response, body, notes);
  }

  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  server.unref();
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `${origin}/mcp`,
    origin,
    authority,
    journal,
    notes,
    async browse(authorization_url) {
      const gone = await fetch(authorization_url, { redirect: 'manual' });
      const location = gone.headers.get('location');
      if (location === null) throw new Error(`no way back: ${gone.status} ${await gone.text()}`);
      return new URL(location);
    },
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

/** The official server package, for one request. */
async function speak(
  request: IncomingMessage,
  response: ServerResponse,
  body: string,
  notes: string[],
): Promise<void> {
  const server = new McpServer({ name: 'protected', version: '1.0.0' });
  server.registerTool('whoami', { description: 'Says who signed in', inputSchema: z.object({}) }, () => ({
    content: [{ type: 'text', text: 'You are Ada.' }],
  }));
  server.registerTool(
    'write_note',
    { description: 'Writes a note', inputSchema: z.object({ text: z.string() }) },
    ({ text }) => {
      notes.push(text);
      return { content: [{ type: 'text', text: `Wrote: ${text}` }] };
    },
  );
  const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
  await server.connect(transport);
  const asked = new Request(`http://127.0.0.1${request.url ?? ''}`, {
    method: request.method ?? 'GET',
    headers: Object.entries(request.headers).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
    ),
    ...(request.method === 'POST' ? { body } : {}),
  });
  // Nothing is ever told on its own.
  const said =
    request.method === 'POST' ? await transport.handleRequest(asked) : new Response(null, { status: 405 });
  response.writeHead(said.status, Object.fromEntries(said.headers));
  response.end(Buffer.from(await said.arrayBuffer()));
  await server.close();
}

function toolOf(body: string): string | undefined {
  if (!body.includes('"tools/call"')) return undefined;
  return (JSON.parse(body) as { params?: { name?: string } }).params?.name;
}

function say(response: ServerResponse, { status, body, location }: Said): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    ...(location === undefined ? {} : { location }),
  });
  response.end(body === undefined ? '' : JSON.stringify(body));
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
