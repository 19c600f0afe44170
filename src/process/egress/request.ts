import type { LookupAddress } from 'node:dns';
import type { SecureContext } from 'node:tls';

/** What the one way out is made of; tests put in a resolver of their own. */
export interface EgressParts {
  /** All addresses of a name; throws the system's error, e.g. `ENOTFOUND`. Absent: the system's resolver. */
  resolve?: ((host: string) => Promise<readonly LookupAddress[]>) | undefined;
  /** The proxy through which this URL is to be fetched, if any. */
  proxyFor?: ((url: URL) => string | undefined) | undefined;
  /** The certificates that are trusted; asked for at the first https request. Absent: Node's own. */
  secureContext?: (() => Promise<SecureContext>) | undefined;
}

export interface EgressRequest {
  url: string;
  method?: 'GET' | 'POST' | undefined;
  /** Kept on a redirect within one origin; beyond it only what tells nothing of the caller goes along. */
  headers?: Readonly<Record<string, string>> | undefined;
  body?: string | Uint8Array | undefined;
  httpsOnly?: boolean | undefined;
  /** Lets addresses through that are not of the open internet. */
  allowPrivate?: boolean | undefined;
  /** Default 5. */
  maxRedirects?: number | undefined;
  /** The most that the body may have once it is decompressed. */
  maxBytes: number;
  /** What happens to a longer body: `refuse` (the default) is an error, `cut` gives its beginning. */
  overLimit?: 'refuse' | 'cut' | undefined;
  /** For all of it: names, connections, redirects, body. */
  timeoutMs: number;
  /** Called for the URL and for each that a redirect names, before anything is asked of it; what it throws is thrown. */
  check?: ((url: URL) => void | Promise<void>) | undefined;
  signal?: AbortSignal | undefined;
}

export interface EgressAnswer {
  /** The last URL, after redirects. */
  url: string;
  status: number;
  /** By lower-case name; several of one name are joined by a comma. */
  headers: Readonly<Record<string, string>>;
  /** Decompressed. */
  body: Uint8Array;
  /** Whether `body` is only the beginning. */
  cut: boolean;
  /** The URLs before the last one. */
  redirects: readonly string[];
}
