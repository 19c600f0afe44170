import { YonderError } from '../../protocol/errors.ts';
import type { Egress } from '../../process/egress/egress.ts';
import type { EgressParts } from '../../process/egress/request.ts';
import type { StreamingEgress, StreamingRules } from '../../process/egress/streaming.ts';

/** The one way out of this Host for what people and models name by a URL (R17), with our errors; `details.reason` says why. */
export function hostEgress(parts: EgressParts): Egress {
  return async (request) => {
    const { createEgress } = await import('../../process/egress/egress.ts');
    try {
      return await createEgress(parts)(request);
    } catch (thrown) {
      throw await inOurWords(thrown);
    }
  };
}

/** The same way out for servers that are talked to at length. Nothing is loaded before the first request. */
export function hostStreaming(parts: EgressParts): (rules: StreamingRules) => StreamingEgress {
  return (rules) => {
    let opened: Promise<StreamingEgress> | undefined;
    const open = async (): Promise<StreamingEgress> =>
      (await import('../../process/egress/streaming.ts')).createStreamingEgress(parts, rules);
    return {
      async fetch(url, init) {
        opened ??= open();
        const egress = await opened;
        try {
          return await egress.fetch(url, init);
        } catch (thrown) {
          throw await inOurWords(thrown);
        }
      },
      close: async () => (await opened)?.close(),
    };
  };
}

async function inOurWords(thrown: unknown): Promise<unknown> {
  const { EgressError } = await import('../../process/egress/egress-error.ts');
  if (!(thrown instanceof EgressError)) return thrown;
  const { code, reason, url, address, message } = thrown;
  return new YonderError(code, message, {
    cause: thrown,
    details: { reason, url, ...(address === undefined ? {} : { address }) },
  });
}
