import { YonderError } from '../../protocol/errors.ts';

const NAMES = /^(access|auth|bearer|api|id)?[-_]?(token|authorization|key|secret|password)$/i;

/** A token in an address ends in logs, histories and `Referer`; it is refused, wherever it is meant for, and its value said to nobody. */
export function refuseTokenInAddress(url: URL): void {
  const name = [...url.searchParams.keys()].find((key) => NAMES.test(key));
  if (name === undefined && url.username === '' && url.password === '') return;
  throw new YonderError(
    'invalid_request',
    `a token does not belong into an address (${name ?? 'before the @'}): send it as the header Authorization: Bearer <token>, and make a new one, since this one can be in logs now`,
  );
}
