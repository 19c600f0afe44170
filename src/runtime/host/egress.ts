import { YonderError } from '../../protocol/errors.ts';
import { createEgress, type Egress } from '../../process/egress/egress.ts';
import { EgressError } from '../../process/egress/egress-error.ts';
import type { EgressParts } from '../../process/egress/request.ts';

/** The one way out of this Host for what people and models name by a URL (R17), with our errors; `details.reason` says why. */
export function hostEgress(parts: EgressParts): Egress {
  const egress = createEgress(parts);
  return async (request) => {
    try {
      return await egress(request);
    } catch (thrown) {
      if (!(thrown instanceof EgressError)) throw thrown;
      const { code, reason, url, address, message } = thrown;
      throw new YonderError(code, message, {
        cause: thrown,
        details: { reason, url, ...(address === undefined ? {} : { address }) },
      });
    }
  };
}
