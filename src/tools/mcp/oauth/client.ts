import {
  registerClient,
  RegistrationRejectedError,
  resolveClientMetadata,
  type OAuthClientMetadata,
} from '@modelcontextprotocol/client';
import { YonderError } from '../../../protocol/errors.ts';
import type { KeptClient, KeptSignIn } from '../../../protocol/sign-ins.ts';
import type { Authority, Fetch } from './discovery.ts';
import { said } from './words.ts';

/** The client that a team names; its id may be the address of a document that describes it (client id metadata document). */
export interface NamedClient {
  client_id: string;
  client_secret?: string | undefined;
}

/**
 * The client to sign in with: the one that the team names, the one that is kept for this authorization server and this way back, else a new one that is
 * registered there now (RFC 7591). Throws `forbidden` where the server registers none.
 */
export async function clientFor(asked: {
  authority: Authority;
  named: NamedClient | undefined;
  kept: KeptSignIn | undefined;
  redirect_url: string;
  scope: string | undefined;
  fetch: Fetch;
}): Promise<KeptClient> {
  const { authority, named, kept, redirect_url } = asked;
  if (named !== undefined) return { ...named };
  if (kept?.issuer === authority.issuer && kept.client.redirect_uris?.includes(redirect_url) === true)
    return kept.client;
  if (authority.metadata !== undefined && authority.metadata.registration_endpoint === undefined)
    throw new YonderError(
      'forbidden',
      `${authority.issuer} registers no clients by itself: register one there, and write its id under oauth.clientId of the toolset`,
    );
  return register(asked);
}

async function register({
  authority,
  redirect_url,
  scope,
  fetch,
}: Parameters<typeof clientFor>[0]): Promise<KeptClient> {
  const clientMetadata: OAuthClientMetadata = {
    client_name: 'Yonder',
    redirect_uris: [redirect_url],
    response_types: ['code'],
    token_endpoint_auth_method: authMethod(authority),
  };
  try {
    const made = await registerClient(authority.url, {
      ...(authority.metadata === undefined ? {} : { metadata: authority.metadata }),
      clientMetadata: resolveClientMetadata({ clientMetadata, redirectUrl: redirect_url }),
      ...(scope === undefined ? {} : { scope }),
      fetchFn: fetch,
    });
    return {
      client_id: made.client_id,
      ...(made.client_secret === undefined ? {} : { client_secret: made.client_secret }),
      redirect_uris: [redirect_url],
    };
  } catch (cause) {
    if (cause instanceof YonderError) throw cause;
    const why =
      cause instanceof RegistrationRejectedError ? `${cause.status} ${said(cause.body)}` : said(cause);
    throw new YonderError('forbidden', `${authority.issuer} did not register a client: ${why}`, { cause });
  }
}

/** A program that anybody has keeps no secret, so it asks for none unless the server takes no client without. */
function authMethod({ metadata }: Authority): string {
  const methods = metadata?.token_endpoint_auth_methods_supported ?? [];
  if (methods.length === 0 || methods.includes('none')) return 'none';
  return methods.includes('client_secret_basic') ? 'client_secret_basic' : (methods[0] ?? 'none');
}
