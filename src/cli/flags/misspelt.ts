import type { Command } from 'commander';
import { YonderError } from '../../protocol/errors.ts';
import { listed, nearest, suggestion } from '../../protocol/nearest.ts';

/**
 * `yonder sesions list` would be a message to a model. One lower-case word that is nearly a command, as the first of an implicit `run`, is taken for a
 * misspelt one; whoever means it as a message says `yonder run <word>`.
 */
export function refuseMisspelt(word: string | undefined, commands: readonly string[]): void {
  if (word === undefined || !/^[a-z]{3,}$/.test(word)) return;
  const [near] = nearest(word, commands);
  if (near === undefined) return;
  throw new YonderError(
    'invalid_request',
    `there is no command "${word}"; did you mean "${near}"? As a message: yonder run "${word}"`,
  );
}

/** `yonder sessions frk`: a word after a group of commands that has a default one is a command, and never a word for the default. */
export function refuseUnknown(group: Command): void {
  group.hook('preSubcommand', () => {
    const [word] = group.args;
    const names = group.commands.map((command) => command.name());
    if (word === undefined || word.startsWith('-') || names.includes(word) || word === 'help') return;
    const near = suggestion(word, names);
    throw new YonderError(
      'invalid_request',
      `there is no command "${group.name()} ${word}"${near || `; there are ${listed(names)}`}`,
    );
  });
}
