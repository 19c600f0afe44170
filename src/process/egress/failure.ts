import { UnknownEncoding } from './body.ts';
import { EgressError } from './egress-error.ts';
import type { Target } from './target.ts';

/** What broke on the way to a target, in our words. */
export function failure(thrown: unknown, shown: string, target: Target): EgressError {
  if (thrown instanceof EgressError) return thrown;
  const address = target.addresses[0]?.address;
  const at =
    target.proxy !== undefined ? ' through the proxy' : address === undefined ? '' : ` at ${address}`;
  if (thrown instanceof UnknownEncoding) {
    return new EgressError(
      'broken_answer',
      shown,
      `${shown} answers in an encoding that cannot be read: ${thrown.message}`,
      { address, cause: thrown },
    );
  }
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  if (isCertificate(code)) {
    return new EgressError(
      'certificate',
      shown,
      `${shown} is not trusted${at}: its certificate is not good (${code}); NODE_EXTRA_CA_CERTS names a file of further authorities`,
      { address, cause: thrown },
    );
  }
  const words = code !== '' ? code : thrown instanceof Error ? thrown.message : String(thrown);
  const isBroken =
    /^(?:Z_|ERR_|HPE_|UND_ERR_(?!SOCKET|CONNECT))/.test(code) && !/^ERR_(?:TLS|SSL)/.test(code);
  return isBroken
    ? new EgressError('broken_answer', shown, `${shown}${at} answers with what cannot be read (${words})`, {
        address,
        cause: thrown,
      })
    : new EgressError('unreachable', shown, `${shown} cannot be reached${at} (${words})`, {
        address,
        cause: thrown,
      });
}

/** Codes of OpenSSL and Node for a certificate that does not hold. */
function isCertificate(code: string): boolean {
  return /CERT|UNABLE_TO_(?:GET_ISSUER|VERIFY)|SELF_SIGNED|^HOSTNAME_MISMATCH$/.test(code);
}
