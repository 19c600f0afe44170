import { YonderError } from '../../protocol/errors.ts';

/** What a team says of a remote server, as it stands there: `${env.X}` is expanded when it is used. */
export interface RemoteOptions {
  url: string;
  transport_type: 'streamable' | 'sse';
  headers: Readonly<Record<string, string>>;
  oauth: {
    client_id: string | undefined;
    client_secret: string | undefined;
    scopes: readonly string[] | undefined;
    callback_port: number | undefined;
    callback_url: string | undefined;
  };
}

/** Reads `remote` of a toolset; the team's schema has judged its shape before. */
export function remoteOptions(name: string, remote: unknown): RemoteOptions {
  const { url, transport_type, headers, oauth } = fieldsOf(remote);
  if (typeof url !== 'string')
    throw new YonderError('invalid_request', `the MCP server ${name} has no address`);
  const { clientId, clientSecret, scopes, callbackPort, callbackRedirectURL } = fieldsOf(oauth);
  return {
    url,
    transport_type: transport_type === 'sse' ? 'sse' : 'streamable',
    headers: Object.fromEntries(
      Object.entries(fieldsOf(headers)).map(([header, value]) => [header, String(value)]),
    ),
    oauth: {
      client_id: textOf(clientId),
      client_secret: textOf(clientSecret),
      scopes: Array.isArray(scopes) ? scopes.map((scope) => String(scope)) : undefined,
      callback_port: typeof callbackPort === 'number' ? callbackPort : undefined,
      callback_url: textOf(callbackRedirectURL),
    },
  };
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
