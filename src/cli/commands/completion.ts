import type { Command } from 'commander';
import { YonderError } from '../../protocol/errors.ts';
import { readUserConfig } from '../../config/user-config.ts';
import { type CommandWords, SHELLS } from '../completion/scripts.ts';
import { withEnvironment } from '../flags/environment.ts';
import type { PlaceFlags } from '../flags/run-flags.ts';
import { placesOf } from '../places.ts';
import { reservedNames } from '../reserved-names.ts';
import type { Io } from '../terminal/io.ts';
import { Output } from '../terminal/output.ts';

/** `yonder completion bash|zsh|fish` */
export async function completion(shell: string, program: Command, io: Io): Promise<number> {
  const script = Object.hasOwn(SHELLS, shell) ? SHELLS[shell as keyof typeof SHELLS] : undefined;
  if (script === undefined) {
    throw new YonderError(
      'invalid_request',
      `there is no completion for "${shell}"; there is bash, zsh and fish`,
    );
  }
  const { configFile } = placesOf(withEnvironment(program.opts<PlaceFlags>(), io.env), io);
  const { aliases } = await readUserConfig(configFile, { reserved: reservedNames(io) });
  await new Output(io).text(script([...wordsOf(program), ...aliasWords(program, Object.keys(aliases))]));
  return 0;
}

/** Commands and flags, read from the program itself, so that the script knows what it knows. */
function wordsOf(program: Command): CommandWords[] {
  const shared = program.options.map(({ long }) => long ?? '');
  return program.commands.map((command) => ({
    name: command.name(),
    about: command.description(),
    commands: command.commands.map((inner) => inner.name()),
    ofSession: command.commands
      .filter(({ registeredArguments: [first] }) => first?.name() === 'session')
      .map((inner) => inner.name()),
    flags: [
      ...new Set(
        [command, ...command.commands]
          .flatMap((inner) => inner.options.map(({ long }) => long ?? ''))
          .concat(shared),
      ),
    ].filter((flag) => flag !== ''),
  }));
}

/** An alias stands first as a command does, and takes the flags of `run`. */
function aliasWords(program: Command, aliases: readonly string[]): CommandWords[] {
  const flags = wordsOf(program).find(({ name }) => name === 'run')?.flags ?? [];
  return aliases.map((name) => ({ name, about: 'a team of yours', commands: [], ofSession: [], flags }));
}
