import type { LookupFunction } from 'node:net';
import type { Dispatcher } from 'undici';
import type { EgressParts } from './request.ts';
import type { Target } from './target.ts';

/** Connections to one target, at the addresses that were judged and nowhere else. The caller ends it. */
export async function connection(target: Target, parts: EgressParts): Promise<Dispatcher> {
  const undici = await import('./undici.ts');
  const secureContext = await parts.secureContext?.();
  const tls = secureContext === undefined ? {} : { secureContext };
  const patience = { headersTimeout: 0, bodyTimeout: 0 };
  if (target.proxy !== undefined) {
    return new undici.ProxyAgent({ uri: target.proxy, requestTls: tls, proxyTls: tls, ...patience });
  }
  return new undici.Agent({ connect: { ...tls, timeout: 0, lookup: pinned(target) }, ...patience });
}

/** Answers with what was judged, whatever the name may say by now. */
function pinned(target: Target): LookupFunction {
  const [first] = target.addresses;
  return (_host, options, done) => {
    if (options.all === true) done(null, [...target.addresses]);
    else done(null, first?.address ?? '', first?.family);
  };
}
