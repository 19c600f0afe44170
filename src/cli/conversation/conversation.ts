import type { Backend, Runtime } from '../../protocol/backend.ts';
import { toYonderError } from '../../protocol/errors.ts';
import type { Renderer } from '../render/renderer.ts';
import { type Drive, runMessage } from '../run/drive.ts';
import type { GoThrough } from '../run/go-through.ts';
import { askLine } from '../terminal/ask.ts';
import type { Io } from '../terminal/io.ts';

export interface Conversation {
  backend: Backend;
  runtime: Runtime;
  /** What the command was started with, and what its runs are driven with. */
  context: { going: GoThrough; drive: Drive };
  renderer: Renderer;
  io: Io;
}

const HELP = [
  '/help   this list',
  '/exit   end (the session stays: yonder run --continue)',
  'Ctrl-C  interrupts a run; twice ends',
];

/** Talks line by line until `/exit`, the end of input, or Ctrl-C twice. Gives the exit code. */
export async function startConversation(conversation: Conversation): Promise<number> {
  const { context } = conversation;
  const { drive } = context;
  const { output, interrupts } = drive;
  output.note(`You talk to ${context.going.session.agent.name}. /help says what else there is.`);
  for (;;) {
    interrupts.reset();
    const line = await nextLine(conversation);
    const text = line?.trim();
    if (text === undefined || text === '/exit' || text === '/quit') return 0;
    if (text === '') continue;
    if (text === '/help') {
      for (const help of HELP) output.note(help);
      continue;
    }
    if (text.startsWith('/')) {
      output.note(`there is no ${text.split(' ')[0] ?? text}; /help lists what there is`);
      continue;
    }
    await say(drive, text);
  }
}

/** A failed run ends the run, not the conversation. */
async function say(drive: Drive, content: string): Promise<void> {
  try {
    await runMessage(drive, { role: 'user', content });
  } catch (thrown) {
    drive.output.note(`error: ${toYonderError(thrown).message}`);
  }
}

/** Ctrl-C on an empty line says how to leave; a second one leaves. */
async function nextLine({ context, io }: Conversation): Promise<string | undefined> {
  const { output } = context.drive;
  for (let interrupted = 0; ;) {
    const leave = new AbortController();
    let again = false;
    const line = await askLine(io, output, '\n> ', {
      signal: leave.signal,
      onInterrupt: () => {
        again = true;
        leave.abort();
      },
    });
    if (!again) return line;
    interrupted += 1;
    if (interrupted > 1) return undefined;
    output.note('Ctrl-C again, or /exit, leaves');
  }
}
