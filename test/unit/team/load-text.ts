import { YonderError } from '../../../src/protocol/errors.ts';
import { loadTeam, type LoadedTeam, type LoadTeamOptions } from '../../../src/team/index.ts';

/** Loads a text as the file `team.yaml`. */
export function loadText(text: string, options: LoadTeamOptions = {}): LoadedTeam {
  return loadTeam({ kind: 'inline', entry: 'team.yaml', files: { 'team.yaml': text } }, options);
}

/** Loads a text with the yes to its own list. */
export function loadTrusted(text: string, options: LoadTeamOptions = {}): LoadedTeam {
  return loadText(text, { ...options, trustDigest: loadText(text).needsTrust.digest });
}

/** The error that a call ends with; fails when there is none. */
export function errorOf(call: () => unknown): YonderError {
  try {
    call();
  } catch (error) {
    if (error instanceof YonderError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** Only the `file:line:column: message` lines of an error. */
export function heads(error: YonderError): string[] {
  return error.message.split('\n').filter((line) => line.startsWith('team.yaml'));
}
