import {
  discoverOAuthServerInfo,
  IssuerMismatchError,
  selectResourceURL,
  type AuthorizationServerMetadata,
  type OAuthClientProvider,
  type OAuthServerInfo,
} from '@modelcontextprotocol/client';
import { YonderError } from '../../../protocol/errors.ts';
import type { Challenge } from './sign-in-needed.ts';
import { said } from './words.ts';

export type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/** The authorization server of an MCP server, and what there is to know of both. */
export interface Authority {
  url: string;
  issuer: string;
  metadata: AuthorizationServerMetadata | undefined;
  /** The resource indicator (RFC 8707), as the server wrote it. */
  resource: string | undefined;
  scopes_supported: readonly string[] | undefined;
}

/**
 * Looks for the authorization server of an MCP server: by what the server says of itself (RFC 9728), else at its own origin, as it was before that.
 * Throws `forbidden` for a server that says it is another one, and for places that may not be asked.
 */
export async function findAuthority(
  server: URL,
  challenge: Challenge | undefined,
  fetch: Fetch,
): Promise<Authority> {
  let refused: YonderError | undefined;
  // The package takes a place that could not be asked for one that has nothing to say.
  const remembering: Fetch = async (url, init) => {
    try {
      return await fetch(url, init);
    } catch (thrown) {
      if (thrown instanceof YonderError && thrown.code === 'forbidden') refused ??= thrown;
      throw thrown;
    }
  };
  const discover = (skipIssuerMetadataValidation: boolean): Promise<OAuthServerInfo> =>
    discoverOAuthServerInfo(server, {
      fetchFn: remembering,
      skipIssuerMetadataValidation,
      ...(challenge?.resource_metadata === undefined
        ? {}
        : { resourceMetadataUrl: challenge.resource_metadata }),
    });
  const found = await discover(false)
    .catch(async (cause: unknown) => {
      if (!(cause instanceof IssuerMismatchError)) throw cause;
      const own = await discover(true);
      // Before RFC 9728 a server was its own authority, and named it by any path of its origin.
      const { issuer = '' } = own.authorizationServerMetadata ?? {};
      if (own.resourceMetadata === undefined && URL.parse(issuer)?.origin === server.origin) return own;
      throw cause;
    })
    .catch((cause: unknown) => {
      if (refused !== undefined) throw refused;
      throw brokenDiscovery(server, cause);
    });
  if (refused !== undefined) throw refused;
  const { authorizationServerUrl: url, authorizationServerMetadata: metadata, resourceMetadata } = found;
  if (resourceMetadata !== undefined) await checkResource(server, resourceMetadata);
  return {
    url: String(url),
    issuer: metadata?.issuer ?? String(url),
    metadata,
    resource: resourceMetadata?.resource,
    scopes_supported: resourceMetadata?.scopes_supported,
  };
}

function brokenDiscovery(server: URL, cause: unknown): YonderError {
  if (cause instanceof YonderError) return cause;
  return new YonderError(
    'unavailable',
    `where to sign in for ${server.origin} cannot be found out: ${said(cause)}`,
    { cause },
  );
}

async function checkResource(
  server: URL,
  metadata: Parameters<typeof selectResourceURL>[2] & object,
): Promise<void> {
  try {
    // Without a say of its own the package compares the two.
    await selectResourceURL(server, {} as OAuthClientProvider, metadata);
  } catch (cause) {
    throw new YonderError(
      'forbidden',
      `the MCP server ${server.href} says that it is ${said(metadata.resource)}, another one; a token for that is not asked for`,
      { cause },
    );
  }
}
