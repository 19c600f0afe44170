import { jsonRenderer } from '../render/json.ts';
import type { Renderer } from '../render/renderer.ts';
import { TextRenderer } from '../render/text.ts';
import type { Io } from '../terminal/io.ts';
import type { Output } from '../terminal/output.ts';
import { styleFor } from '../terminal/style.ts';
import type { Prepared } from './prepare.ts';

export function rendererFor(
  { flags, server }: Pick<Prepared, 'flags' | 'server'>,
  io: Io,
  output: Output,
  asks: boolean,
): Renderer {
  if (flags.json === true) return jsonRenderer(output);
  return new TextRenderer({
    output,
    style: styleFor(io.stderr, io.env),
    hideToolCalls: flags.hideToolCalls === true,
    hideToolResults: flags.hideToolResults === true,
    asks,
    onTerminal: io.stdout.isTTY === true,
    server,
  });
}
