import type { CommandOutput } from '../../protocol/workspace.ts';
import type { ToolContext } from '../tool.ts';
import { KeptOutput } from './kept-output.ts';
import { SafeText } from './safe-text.ts';

/** Characters that are shown while a command runs; a command that floods is of no use to a watcher. */
export const LIVE_LIMIT = 256 * 1024;

/** Reads a command's output to its end: shows it as it comes, and gives what the model gets. */
export async function followOutput(
  output: AsyncIterable<CommandOutput>,
  emit: ToolContext['emit'],
): Promise<string> {
  const kept = new KeptOutput();
  const streams = { stdout: new SafeText(), stderr: new SafeText() };
  let room = LIVE_LIMIT;
  const show = (stream: 'stdout' | 'stderr', text: string): void => {
    if (text === '') return;
    kept.add(text);
    if (room <= 0) return;
    emit(stream, text.slice(0, room));
    room -= text.length;
    if (room <= 0) emit(stream, '\n[more output follows; it is not shown live]\n');
  };
  for await (const { stream, bytes } of output) show(stream, streams[stream].push(bytes));
  show('stdout', streams.stdout.end());
  show('stderr', streams.stderr.end());
  return kept.text();
}
