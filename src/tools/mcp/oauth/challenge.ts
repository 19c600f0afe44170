import { extractWWWAuthenticateParams } from '@modelcontextprotocol/client';
import type { Challenge } from './sign-in-needed.ts';

/** What a 401 or 403 says; undefined for an answer that is no challenge. */
export function challengeOf(response: Response): Challenge | undefined {
  if (response.status !== 401 && response.status !== 403) return undefined;
  const { resourceMetadataUrl, scope, error } = extractWWWAuthenticateParams(response);
  if (response.status === 403 && error !== 'insufficient_scope') return undefined;
  return {
    kind: response.status === 403 ? 'step_up' : 'sign_in',
    ...(scope === undefined ? {} : { scope }),
    ...(resourceMetadataUrl === undefined ? {} : { resource_metadata: resourceMetadataUrl }),
  };
}
