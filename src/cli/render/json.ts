import type { WireEvent } from '../../protocol/events/events.ts';
import type { Output } from '../terminal/output.ts';
import type { Renderer } from './renderer.ts';

/** `--json`: one event per line and nothing else, the text exactly as it came. */
export function jsonRenderer(output: Output): Renderer {
  return {
    begin: () => {},
    settle: async () => {},
    // `log_caught_up` is about the stream, not about the run.
    event: async (event: WireEvent) =>
      event.type === 'log_caught_up' ? undefined : output.text(`${event.json}\n`),
  };
}
