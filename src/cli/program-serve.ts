import type { Command } from 'commander';
import type { PlaceFlags } from './flags/run-flags.ts';
import type { ServeFlags } from './serve/serve-api.ts';
import type { Io } from './terminal/io.ts';

type Done = (exit: number) => void;

/** `yonder serve ...` */
export function addServe(program: Command, io: Io, done: Done, places: () => PlaceFlags): void {
  program.commandsGroup('Serve:');
  const serve = program.command('serve').description('let others use the sessions and teams of this machine');
  serve
    .command('api')
    .description('a server that runs and keeps sessions for clients: yonder run --remote')
    .option('--listen <address>', 'host:port (port 0: a free one) or unix:///path', '127.0.0.1:8080')
    .option(
      '--auth-token <token>',
      'what clients must send (default: $YONDER_AUTH_TOKEN, else one is made and shown)',
    )
    .action(async (flags: Omit<ServeFlags, keyof PlaceFlags>) => {
      const { serveApi } = await import('./serve/serve-api.ts');
      done(await serveApi({ ...places(), ...flags }, io));
    });
}
