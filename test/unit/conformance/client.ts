// The client side of the official conformance suite: `--command "node test/unit/conformance/client.ts"`, which adds the address of its server. What is
// driven is our connection, with our way out and our sign-in; only the person with a browser is played: whoever opens the address is sent back at once.
import { createStreamingEgress } from '../../../src/process/egress/streaming.ts';
import { withSignIns } from '../../../src/runtime/sign-in/with-sign-ins.ts';
import { Flow } from '../../../src/runtime/sign-in/flow.ts';
import { connectMcp, type McpConnection } from '../../../src/tools/mcp/connection.ts';
import { remoteTransport } from '../../../src/tools/mcp/remote.ts';
import { ServerAccess } from '../../../src/tools/mcp/oauth/access.ts';
import { authorizedFetch } from '../../../src/tools/mcp/oauth/authorized-fetch.ts';
import { memorySignIns } from '../../../src/tools/mcp/oauth/kept.ts';
import type { Challenge } from '../../../src/tools/mcp/oauth/sign-in-needed.ts';

const REDIRECT = 'http://127.0.0.1:3456/callback';
/** The document that the suite knows; a team writes such an address under `oauth.clientId`. */
const DOCUMENT = 'https://conformance-test.local/client-metadata.json';

const scenario = process.env['MCP_CONFORMANCE_SCENARIO'] ?? '';
const given = JSON.parse(process.env['MCP_CONFORMANCE_CONTEXT'] ?? '{}') as Partial<
  Record<'client_id' | 'client_secret', string>
>;
const url = new URL(process.argv.at(-1) ?? '');

const egress = createStreamingEgress({}, { named: url, allowPrivate: true });
const access = new ServerAccess({
  url: url.href,
  principal: 'admin',
  store: memorySignIns(),
  fetch: (to, init) => egress.fetch(to, init),
  ...clientOf(),
  secrets: { add: () => {} },
  now: () => Date.now(),
});

function clientOf() {
  if (scenario === 'auth/basic-cimd') return { client: { client_id: DOCUMENT } };
  const { client_id, client_secret } = given;
  return client_id === undefined ? {} : { client: { client_id, client_secret } };
}

async function signIn(challenge: Challenge): Promise<void> {
  const flow = new Flow({ access, challenge, now: () => Date.now() });
  const { authorization_url } = await flow.claim({ by: 'admin', redirect_url: REDIRECT });
  const opened = await fetch(authorization_url, { redirect: 'manual' });
  const back = new URL(opened.headers.get('location') ?? '');
  await flow.take('admin', Object.fromEntries(back.searchParams));
  await flow.finish();
}

async function connect(): Promise<McpConnection> {
  const server = { url, transport: 'streamable' as const, headers: {} };
  return connectMcp({
    transport: remoteTransport(
      { ...server, fetch: authorizedFetch((to, init) => egress.fetch(to, init), access) },
      async () => {},
    ),
    version: '0.0.0',
    requests: {
      // A person who accepts a form as it stands: what it says of itself counts.
      elicit: async (request) => ({ action: 'accept', content: defaultsOf(request) }),
      sample: () => Promise.reject(new Error('nothing is sampled here')),
      roots: async () => [],
    },
    onListChanged: () => {},
    onClosed: () => {},
    signal: AbortSignal.timeout(25_000),
    timeout_ms: 20_000,
  });
}

function defaultsOf(request: object): Record<string, string | number | boolean> {
  const schema = 'requestedSchema' in request ? (request.requestedSchema as { properties?: object }) : {};
  return Object.fromEntries(
    Object.entries(schema.properties ?? {}).flatMap(([name, field]: [string, { default?: string }]) =>
      field.default === undefined ? [] : [[name, field.default]],
    ),
  );
}

const TOOLS: Readonly<Record<string, { name: string; args: Record<string, unknown> }>> = {
  tools_call: { name: 'add_numbers', args: { a: 5, b: 3 } },
  'elicitation-sep1034-client-defaults': { name: 'test_client_elicitation_defaults', args: {} },
  'sse-retry': { name: 'test_reconnection', args: {} },
};

const signal = AbortSignal.timeout(25_000);
const connection = await withSignIns(connect, signIn);
try {
  const tools = await withSignIns(() => connection.tools(signal), signIn);
  const wanted = TOOLS[scenario] ?? (tools[0] === undefined ? undefined : { name: tools[0].name, args: {} });
  if (wanted !== undefined) {
    const { name, args } = wanted;
    const result = await withSignIns(
      () => connection.call(name, args, { signal, onProgress: () => {} }),
      signIn,
    );
    process.stdout.write(`${JSON.stringify(result)}\n`);
  }
} finally {
  await connection.close();
  await egress.close();
}
