import { processIo, type Io } from './terminal/io.ts';
import { CommandFault } from './command-fault.ts';
import { buildProgram } from './program.ts';
import { prepareWords } from './flags/words.ts';
import { reportError } from './report-error.ts';

/** Runs one command line and gives its exit code; all that can go wrong is said on stderr. */
export async function start(words: readonly string[], io: Io = processIo()): Promise<number> {
  let exit = 0;
  io.stderr.on('error', () => {
    // Nobody reads what would be said about it.
  });
  const program = buildProgram(io, (code) => (exit = code));
  try {
    await program.parseAsync(prepareWords(words), { from: 'user' });
    return exit;
  } catch (thrown) {
    if (thrown instanceof CommandFault) return thrown.exit;
    return reportError(thrown, io, words.includes('--debug') || words.includes('-d'));
  }
}
