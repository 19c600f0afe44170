import { memorySignIns } from '../../tools/mcp/oauth/kept.ts';
import type { ServersParts } from '../mcp/servers.ts';
import type { RemoteServer } from '../sign-in/remote-server.ts';
import type { OpenSession } from './open-session.ts';

/** What the MCP servers of a session are given by it and by its Host. */
export function serverPartsOf(session: OpenSession, principal: string): ServersParts {
  const { cache_dir, version } = session.options;
  return {
    workspace: () => session.workspace(),
    working_dir: () => session.working_dir,
    variable: (name) => session.variable(name),
    hasChanged: (identity) => session.log.state.changed_tools.has(identity),
    random: () => session.random(),
    remote: (name, remote) => openRemote(session, principal, name, remote),
    signIn: (wanted, signal) => session.signIns.ask(session, wanted, signal),
    cache_dir,
    version,
  };
}

/** A remote server, with what the session's owner may do there (R31). */
async function openRemote(
  session: OpenSession,
  principal: string,
  name: string,
  remote: unknown,
): Promise<RemoteServer> {
  const { openRemoteServer } = await import('../sign-in/remote-server.ts');
  const { streaming, signIns = memorySignIns(), secrets } = session.options;
  return openRemoteServer(name, remote, {
    principal,
    store: signIns,
    streaming,
    allowPrivate: mayBePrivate(session),
    variable: (variable) => session.variable(variable),
    secrets: { add: (kind, value) => secrets?.add(kind, value, session.root_id) },
    now: () => session.now().getTime(),
  });
}

/** What a server serves is its operator's own; of other teams only a trusted one says where in this network its servers are. */
function mayBePrivate({ settings, team, log }: OpenSession): boolean {
  const kind = settings.source?.kind;
  if (kind === 'served' || kind === 'builtin') return true;
  return team.trusted && log.state.bounds.private_networks !== false;
}
