import type { RequestContext } from '../../../protocol/context.ts';
import type { LoadTeamRequest } from '../../../protocol/contract/payloads.ts';
import { serverKey } from '../../../tools/mcp/oauth/kept.ts';
import { assertRunnable } from '../../../team/index.ts';
import { assertTrustCounts } from '../../policy/trust.ts';
import { readingEnv } from '../../redact/sources.ts';
import type { RemoteServer } from '../../sign-in/remote-server.ts';
import { findServer, teamServers, type TeamServer } from '../../sign-in/team-servers.ts';
import type { Host } from '../host.ts';
import { withServed } from '../serving.ts';
import type { Handlers } from './handlers.ts';
import { loadRequested, type RequestedTeam } from './teams.ts';

type Asked = Pick<LoadTeamRequest, 'source' | 'trust'>;

export const mcpHandlers: Handlers<'mcp/list' | 'mcp/login' | 'mcp/finish' | 'mcp/logout'> = {
  async 'mcp/list'(host, context, asked) {
    const { team } = await loadRequested(host, context, withServed(host.options.serving, asked));
    const servers = [];
    for (const server of teamServers(team)) servers.push(await describe(host, context, server));
    return { servers };
  },

  'mcp/login': (host, context, request) =>
    host.once.do(context, 'mcp/login', request, async () => {
      const { server: wanted, redirect_url, ...asked } = request;
      const { name, server } = await openAsked(host, context, asked, wanted);
      const { authorization_url, scope, expires_at, login_id } = await host.logins.begin(server, {
        by: context.principal,
        redirect_url,
      });
      return {
        login_id,
        name,
        url: shown(server.url),
        authorization_url,
        ...(scope === undefined ? {} : { scope }),
        expires_at: new Date(expires_at).toISOString(),
      };
    }),

  'mcp/finish': (host, context, request) =>
    host.once.do(context, 'mcp/finish', request, async () => {
      const { login_id, decision, content } = request;
      const returned = decision === 'accept' ? (content ?? {}) : undefined;
      return { ...(await host.logins.finish(login_id, { by: context.principal, content: returned })) };
    }),

  'mcp/logout': (host, context, request) =>
    host.once.do(context, 'mcp/logout', request, async () => {
      const { server: wanted, ...asked } = request;
      const { name, server } = await openAsked(host, context, asked, wanted);
      await server.close();
      let was_signed_in = false;
      await host.options.signIns.change(context.principal, serverKey(server.url), (kept) => {
        was_signed_in = kept?.tokens !== undefined;
        return undefined;
      });
      return { name, url: shown(server.url), was_signed_in };
    }),
};

/** The server that a person names. A team that nobody trusts yet is not asked what it would send where (R4). */
async function openAsked(
  host: Host,
  context: RequestContext,
  asked: Asked,
  wanted: string,
): Promise<{ name: string; server: RemoteServer }> {
  const request = withServed(host.options.serving, asked);
  const loaded = await loadRequested(host, context, request);
  assertTrustCounts(context, asked, loaded);
  if (!loaded.trusted && loaded.needsTrust.items.some(({ blocks }) => blocks)) assertRunnable(loaded);
  const { name, remote } = findServer(loaded.team, wanted);
  const { openRemoteServer } = await import('../../sign-in/remote-server.ts');
  const server = openRemoteServer(name, remote, {
    principal: context.principal,
    store: host.options.signIns,
    streaming: host.options.streaming,
    allowPrivate: mayBePrivate(context, loaded, remote),
    variable: readingEnv(host.secrets, host.options.env),
    secrets: host.secrets,
    now: () => host.options.now().getTime(),
  });
  return { name, server };
}

/** What a server's own team says is its operator's; for the rest the caller's policy speaks. An address that a person names is named by the person. */
function mayBePrivate(
  { policy }: RequestContext,
  { source, trusted }: RequestedTeam,
  remote: unknown,
): boolean {
  if (source.kind === 'served') return true;
  const isOfTeam = typeof remote === 'object' && remote !== null && Object.keys(remote).length > 1;
  return (trusted || !isOfTeam) && policy?.private_networks !== false;
}

async function describe(host: Host, { principal }: RequestContext, server: TeamServer) {
  const { name, agents, transport, url, callback_port, hasOwnKey } = server;
  const common = { name, agents, transport, ...(url === undefined ? {} : { url: withoutQuery(url) }) };
  if (transport === 'stdio') return { ...common, state: 'no_sign_in' as const };
  if (hasOwnKey) return { ...common, state: 'own_key' as const };
  const tokens =
    url !== undefined && URL.canParse(url)
      ? (await host.options.signIns.read(principal, serverKey(url)))?.tokens
      : undefined;
  const { scope, expires_at } = tokens ?? {};
  const isOver = expires_at !== undefined && expires_at <= host.options.now().getTime();
  return {
    ...common,
    state:
      tokens === undefined ? ('signed_out' as const) : isOver ? ('expired' as const) : ('signed_in' as const),
    ...(scope === undefined ? {} : { scope }),
    ...(expires_at === undefined ? {} : { expires_at: new Date(expires_at).toISOString() }),
    ...(callback_port === undefined ? {} : { callback_port }),
  };
}

function shown(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

/** A query may hold a key; what is no URL, e.g. for an expression in it, is shown as it stands. */
function withoutQuery(url: string): string {
  return URL.canParse(url) ? shown(new URL(url)) : url;
}
