import ipaddr from 'ipaddr.js';

/**
 * Is this an address of the open internet? Private, loopback, link-local, shared (RFC 6598), multicast, documentation and reserved ones are
 * not, nor is what is no address at all. One that carries an IPv4 address (mapped, NAT64 of RFC 6052) is what the address inside is; 6to4 and
 * Teredo lead through relays that nobody can judge and are refused.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.parse(address);
  if (parsed instanceof ipaddr.IPv4) return parsed.range() === 'unicast';
  if (!(parsed instanceof ipaddr.IPv6)) return false;
  if (parsed.isIPv4MappedAddress()) return parsed.toIPv4Address().range() === 'unicast';
  const range = parsed.range();
  if (range === 'rfc6052') return ipaddr.fromByteArray(parsed.toByteArray().slice(12)).range() === 'unicast';
  // All that is given out for global use lies in 2000::/3 (IANA).
  return range === 'unicast' && ((parsed.parts[0] ?? 0) & 0xe000) === 0x2000;
}
