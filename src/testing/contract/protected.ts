import { onTestFinished } from 'vitest';
import type { RequestContext } from '../../protocol/context.ts';
import type { Runtime } from '../../protocol/backend.ts';
import {
  startProtectedServer,
  type ProtectedOptions,
  type ProtectedServer,
} from '../mcp/protected-server.ts';
import { teamOf } from './support.ts';

/** Where a client that is played listens for its browser; nobody has to. */
export const REDIRECT = 'http://127.0.0.1:4567/callback';

/** An MCP server behind OAuth, gone after the test. */
export async function protectedServer(options: ProtectedOptions = {}): Promise<ProtectedServer> {
  const server = await startProtectedServer(options);
  onTestFinished(() => server.close());
  return server;
}

/** A team whose agent has that server, as `notes`. */
export function notesTeam(url: string, more: readonly string[] = []): string {
  return teamOf([
    [
      'mcp',
      'name: notes',
      `remote: {url: "${url}", transport_type: streamable${more.map((field) => `, ${field}`).join('')}}`,
    ].join('\n        '),
  ]);
}

/** What a browser brought back, as an answer carries it. */
export async function broughtBack(server: ProtectedServer, authorization_url: string) {
  const { searchParams } = await server.browse(authorization_url);
  return Object.fromEntries(searchParams);
}

/** Takes a sign-in upon itself, opens it, and sends the code back. */
export async function signIn(
  server: ProtectedServer,
  runtime: Runtime,
  context: RequestContext,
  request_id: string,
): Promise<{ authorization_url: string; content: Record<string, string> }> {
  const { authorization_url } = await runtime.claim(context, { request_id, redirect_url: REDIRECT });
  const content = await broughtBack(server, authorization_url);
  await runtime.answer(context, { request_id, decision: 'accept', content });
  return { authorization_url, content };
}
