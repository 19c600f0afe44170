import type { Command } from 'commander';
import type { LoginFlags } from './commands/auth-login.ts';
import { YonderError } from '../protocol/errors.ts';
import type { PlaceFlags } from './flags/run-flags.ts';
import type { Io } from './terminal/io.ts';

type Done = (exit: number) => void;

function keyOnTheLine(): YonderError {
  return new YonderError(
    'invalid_request',
    'auth login takes one word, the provider: a key on the command line is seen by every process and kept by your shell; it is asked for, or read from stdin',
  );
}

/** `auth`: the keys of providers. */
export function addAuth(program: Command, io: Io, done: Done, places: () => PlaceFlags): void {
  const auth = program
    .command('auth')
    .description('keys of providers: kept in the keyring, else in a file of yours');
  auth
    .command('status', { isDefault: true })
    .description(
      'where each key comes from; never the key. A credential helper is asked for a provider that is named',
    )
    .argument('[provider]', 'a provider, or the variable of a key')
    .option('--json', 'one object per line')
    .action(async (provider: string | undefined, flags: { json?: boolean }) => {
      const { authStatus } = await import('./commands/auth-status.ts');
      done(await authStatus(provider, { ...places(), ...flags }, io));
    });
  auth
    .command('login')
    .description('keep a key: typed unseen, or from stdin')
    .argument('<provider>', 'a provider, or the variable of a key; never the key')
    .option('--file', 'in the file, whatever the keyring can')
    .option('--keyring', 'in the keyring, or not at all')
    // A second word is likely the key: no message may repeat it.
    .allowExcessArguments(true)
    .action(async (provider: string, flags: LoginFlags, command: Command) => {
      if (command.args.length > 1) throw keyOnTheLine();
      const { login } = await import('./commands/auth-login.ts');
      done(await login(provider, { ...places(), ...flags }, io));
    });
  auth
    .command('logout')
    .description('take a key away')
    .argument('<provider>', 'a provider, or the variable of a key')
    .action(async (provider: string) => {
      const { logout } = await import('./commands/auth-logout.ts');
      done(await logout(provider, places(), io));
    });
}
