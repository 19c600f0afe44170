import { VERSION } from './version.ts';

// Everything else loads when it is needed: the version must not wait for the whole program.
const words = process.argv.slice(2);
if (words.length === 1 && ['version', '--version', '-V'].includes(words[0] ?? '')) {
  process.stdout.write(`yonder ${VERSION}\n`);
} else {
  const { start } = await import('./start.ts');
  process.exitCode = await start(words);
}
