import { VERSION } from './version.ts';

/**
 * A reader that went away (`| head -1`) is no fault of a command; whoever minds it listens too. What could not be written for another
 * reason is.
 */
let unwritten = 0;
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') return;
  process.stderr.write(`yonder: stdout cannot be written (${error.code ?? error.message})\n`);
  process.exitCode = unwritten = 1;
});

// Everything else loads when it is needed: the version must not wait for the whole program.
const words = process.argv.slice(2);
if (words.length === 1 && ['version', '--version', '-V'].includes(words[0] ?? '')) {
  process.stdout.write(`yonder ${VERSION}\n`);
} else {
  void import('./start.ts')
    .then(({ start }) => start(words))
    .then((exit) => (process.exitCode = exit || unwritten))
    .catch((thrown: unknown) => {
      process.stderr.write(
        `yonder could not start: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`,
      );
      process.exitCode = 1;
    });
}
