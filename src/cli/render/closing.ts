import type { Style } from '../terminal/style.ts';
import { type RemoteServer, resumeCommand } from '../remote/remote-server.ts';
import type { Outcome } from '../run/outcome.ts';
import { elapsed } from './tool-line.ts';

/** The last line of a command: tokens, cost, time, files changed, the session and how to go on with it where it is still there. */
export function closingLine(
  outcome: Outcome,
  milliseconds: number,
  session_id: string | undefined,
  style: Style,
  server?: RemoteServer,
): string {
  const files = outcome.files.size;
  const parts = [
    `${count(outcome.input_tokens)} in, ${count(outcome.output_tokens)} out`,
    costText(outcome),
    elapsed(milliseconds),
    files === 0
      ? `no file changed${outcome.unwatched ? ' by the file tools' : ''}`
      : `${files} ${files === 1 ? 'file' : 'files'} changed (${[...outcome.files].slice(0, 5).join(', ')}${files > 5 ? ', …' : ''})`,
    ...(session_id === undefined
      ? []
      : [`session ${session_id}`, `go on: ${resumeCommand(session_id, server)}`]),
  ];
  return style('dim', `— ${parts.join(' · ')}`);
}

export function costText({ cost, price_unknown }: { cost: number; price_unknown: boolean }): string {
  if (!price_unknown) return dollars(cost);
  return cost === 0 ? 'cost unknown' : `${dollars(cost)} and what is unknown`;
}

export function dollars(cost: number): string {
  return `$${cost.toFixed(cost !== 0 && cost < 0.01 ? 4 : 2)}`;
}

/** `950 tokens`, `12.3k tokens`. */
export function count(tokens: number): string {
  return tokens < 1000 ? `${tokens} tokens` : `${(tokens / 1000).toFixed(1)}k tokens`;
}

/** What an interrupt cut, in words. */
export function cutText(outcome: Outcome): string {
  const cut = outcome.cut.length === 0 ? 'the model call' : outcome.cut.join(', ');
  return `interrupted: ${cut} ${outcome.cut.length > 1 ? 'were' : 'was'} cut; what was done stays done`;
}
