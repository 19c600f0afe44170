import { expandEnvironmentReferences } from '../../protocol/environment-references.ts';
import { YonderError } from '../../protocol/errors.ts';
import type { SecretRegistry } from '../../protocol/secrets.ts';
import type { SignInStore } from '../../protocol/sign-ins.ts';
import { ServerAccess } from '../../tools/mcp/oauth/access.ts';
import { authorizedFetch } from '../../tools/mcp/oauth/authorized-fetch.ts';
import type { RemoteWay } from '../../tools/mcp/remote.ts';
import type { HostOptions } from '../host/options.ts';
import { remoteOptions } from './remote-options.ts';

export interface RemoteParts {
  /** Whose tokens are used. */
  principal: string;
  store: SignInStore;
  streaming: HostOptions['streaming'];
  /** Whether the server may be of a private network. */
  allowPrivate: boolean;
  /** For `${env.X}` in what the team says. */
  variable(name: string): string | undefined;
  /** Where values are told before they are used. */
  secrets: Pick<SecretRegistry, 'add'>;
  now(): number;
}

/** A remote server with what a person may do there. The caller closes it. */
export interface RemoteServer extends RemoteWay {
  /** Absent where the team sends a key of its own: then nobody signs in. */
  access: ServerAccess | undefined;
  callback_port: number | undefined;
  callback_url: string | undefined;
  close(): Promise<void>;
}

/** Opens what a team says of a remote server. Throws `env_missing` and `invalid_request` with the server's name. */
export function openRemoteServer(name: string, remote: unknown, parts: RemoteParts): RemoteServer {
  const { url: address, transport_type, headers: given, oauth } = remoteOptions(name, remote);
  const expand = (what: string, text: string): string => {
    const { text: expanded, missing } = expandEnvironmentReferences(text, (variable) =>
      parts.variable(variable),
    );
    if (missing.length > 0)
      throw new YonderError(
        'env_missing',
        `the team sets ${what} of the MCP server ${name} from ${missing.join(', ')}, which is not set`,
      );
    return expanded;
  };
  const url = readAddress(name, expand('the address', address));
  const headers = Object.fromEntries(
    Object.entries(given).map(([header, text]) => [header, expand(`the header ${header}`, text)]),
  );
  for (const [header, value] of Object.entries(headers))
    if (KEYS.test(header)) parts.secrets.add(`${name} ${header}`, value.replace(/^\w+ +/, ''));
  const hasOwnKey = Object.keys(headers).some((header) => header.toLowerCase() === 'authorization');
  const egress = parts.streaming({ named: url, allowPrivate: parts.allowPrivate });
  const { client_id, client_secret, scopes, callback_port, callback_url } = oauth;
  const access = hasOwnKey
    ? undefined
    : new ServerAccess({
        url: url.href,
        principal: parts.principal,
        store: parts.store,
        fetch: (to, init) => egress.fetch(to, init),
        ...(client_id === undefined
          ? {}
          : {
              client: {
                client_id: expand('oauth.clientId', client_id),
                ...(client_secret === undefined
                  ? {}
                  : { client_secret: expand('oauth.clientSecret', client_secret) }),
              },
            }),
        ...(scopes === undefined ? {} : { scopes }),
        secrets: parts.secrets,
        now: () => parts.now(),
      });
  const plain: RemoteWay['fetch'] = (to, init) => egress.fetch(to, init);
  return {
    url,
    transport: transport_type,
    headers,
    fetch: access === undefined ? withOwnKey(name, plain) : authorizedFetch(plain, access),
    access,
    callback_port,
    callback_url,
    close: () => egress.close(),
  };
}

/** Nobody can sign in for a key that the team sends. */
function withOwnKey(name: string, fetch: RemoteWay['fetch']): RemoteWay['fetch'] {
  return async (to, init) => {
    const response = await fetch(to, init);
    if (response.status !== 401) return response;
    await response.body?.cancel();
    throw new YonderError(
      'unauthorized',
      `the MCP server ${name} refuses the key that the team sends in its headers (401)`,
    );
  };
}

/** Headers whose value is a secret wherever it comes from. */
const KEYS = /auth|key|token|secret|cookie/i;

function readAddress(name: string, address: string): URL {
  const url = URL.parse(address);
  if (url !== null && ['http:', 'https:'].includes(url.protocol)) return url;
  // What an expansion made of it may be a secret.
  throw new YonderError('invalid_request', `the address of the MCP server ${name} is no http or https URL`);
}
