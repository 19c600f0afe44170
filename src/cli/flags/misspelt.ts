import { YonderError } from '../../protocol/errors.ts';
import { nearest } from '../../team/nearest.ts';

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
