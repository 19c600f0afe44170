import type { Dispatcher } from 'undici';
import type { Env } from '../keys.ts';
import { addressOf } from './plain-response.ts';
import { noProxyOf, proxyOf } from './proxy.ts';

/** The one way out of this process to model providers and local model servers. */
export interface Http {
  fetch: typeof fetch;
  /** Ends idle connections and those in use. */
  close(): Promise<void>;
}

/**
 * Honours HTTP(S)_PROXY and NO_PROXY of `env`, and trusts NODE_EXTRA_CA_CERTS and the system's certificates beside Node's own.
 * There is no total timeout, and none between bytes: whoever reads a stream judges its silence. Nothing is loaded before the
 * first request.
 */
export function createHttp(env: Env): Http {
  let loading: Promise<{ fetch: typeof fetch; dispatcher: Dispatcher }> | undefined;

  async function load(): Promise<{ fetch: typeof fetch; dispatcher: Dispatcher }> {
    const [undici, { trustedContext }] = await Promise.all([
      import('./undici.ts'),
      import('./certificates.ts'),
    ]);
    const secureContext = trustedContext();
    const dispatcher = new undici.EnvHttpProxyAgent({
      httpProxy: proxyOf(env, 'http'),
      httpsProxy: proxyOf(env, 'https'),
      noProxy: noProxyOf(env),
      connect: { secureContext, timeout: 30_000 },
      requestTls: { secureContext },
      proxyTls: { secureContext },
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    // undici's own fetch and the global one differ in their types alone.
    const undiciFetch = undici.fetch as unknown as (input: string, init: object) => Promise<Response>;
    const through: typeof fetch = (input, init) => {
      return undiciFetch(addressOf(input), { ...init, dispatcher });
    };
    return { fetch: through, dispatcher };
  }

  return {
    async fetch(input, init) {
      loading ??= load();
      return (await loading).fetch(input, init);
    },
    async close() {
      if (loading === undefined) return;
      // A load that failed was said to who asked for it, and has left nothing to end.
      const loaded = await loading.catch(() => undefined);
      loading = undefined;
      await loaded?.dispatcher.destroy();
    },
  };
}
