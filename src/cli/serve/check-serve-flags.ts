import { YonderError } from '../../protocol/errors.ts';
import type { Address } from '../../server/listen/address.ts';
import type { ServeFlags } from './serve-flags.ts';

/** Throws `invalid_request` (exit 2) for flags that cannot both be meant; both are named. */
export function refuseContradictions(flags: ServeFlags, address: Address): void {
  const { fake, record, fakeMatch, fakeStream, tlsCert, tlsKey } = flags;
  if (fake !== undefined && record === true) throw both('--fake', '--record');
  if (fake === undefined && fakeMatch !== undefined) throw needs('--fake-match', '--fake', CASSETTE);
  if (fake === undefined && fakeStream !== undefined) throw needs('--fake-stream', '--fake', CASSETTE);
  if (tlsCert !== undefined && tlsKey === undefined) throw needs('--tls-cert', '--tls-key', PAIR);
  if (tlsKey !== undefined && tlsCert === undefined) throw needs('--tls-key', '--tls-cert', PAIR);
  if (tlsCert !== undefined && address.kind === 'unix') throw both('--tls-cert', `--listen ${flags.listen}`);
}

const CASSETTE = 'it says how a cassette is played';
const PAIR = 'a certificate and its key go together';

function both(left: string, right: string): YonderError {
  return new YonderError('invalid_request', `${left} and ${right} cannot stand together; keep one of them`);
}

function needs(flag: string, other: string, why: string): YonderError {
  return new YonderError('invalid_request', `${flag} needs ${other}: ${why}`);
}
