import { YonderError } from '../../protocol/errors.ts';
import type { Egress } from '../../process/egress/egress.ts';
import type { EgressParts } from '../../process/egress/request.ts';

/** The one way out of this Host for what people and models name by a URL (R17), with our errors; `details.reason` says why. */
export function hostEgress(parts: EgressParts): Egress {
  return async (request) => {
    const [{ createEgress }, { EgressError }] = await Promise.all([
      import('../../process/egress/egress.ts'),
      import('../../process/egress/egress-error.ts'),
    ]);
    try {
      return await createEgress(parts)(request);
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
