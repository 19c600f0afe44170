import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';

let context: SecureContext | undefined;

/**
 * Trusts Node's own list, NODE_EXTRA_CA_CERTS (which Node reads when the process starts) and the system's. Made once: parsing a few
 * hundred certificates takes tens of milliseconds.
 */
export function trustedContext(): SecureContext {
  const certificates = new Set([
    ...getCACertificates('default'),
    ...getCACertificates('extra'),
    ...getCACertificates('system'),
  ]);
  context ??= createSecureContext({ ca: [...certificates] });
  return context;
}
