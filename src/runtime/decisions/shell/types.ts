/** One word of a command as the shell hands it on, where that can be known from the line alone. */
export interface ShellWord {
  /** Without quotes and escapes where it is literal, else the source text. */
  text: string;
  literal: boolean;
}

export interface ShellRedirection {
  operator: string;
  target: ShellWord;
  /** To a descriptor or `/dev/null` (R21). */
  harmless: boolean;
  /** The text that a here-document or here-string hands in, where it is wholly literal. */
  input?: string;
}

export interface ShellCommand {
  /** The program first; never empty. */
  words: ShellWord[];
  /** Source text of the assignments before the program. */
  assignments: string[];
  redirections: ShellRedirection[];
  /** How it was found: in the line itself, as what a wrapper runs, or inside text that something evaluates. */
  found: 'line' | 'wrapper' | 'text';
  /** Its standard input is another command's output. */
  piped: boolean;
}

/**
 * - `not_parsed`: the line, or text in it, is none that the grammar knows
 * - `command_word`: a word in command position is not literal
 * - `evaluates`: something evaluates text that is not wholly literal, or that is not shell
 * The rest only keep an allow pattern from matching:
 * - `assignment`, `redirection`, `expansion`, `wrapper`, `structure`
 */
export type ShellProblemCode =
  | 'not_parsed'
  | 'command_word'
  | 'evaluates'
  | 'assignment'
  | 'redirection'
  | 'expansion'
  | 'wrapper'
  | 'structure';

export interface ShellProblem {
  code: ShellProblemCode;
  text: string;
}

export interface ShellLine {
  source: string;
  parsed: boolean;
  /** Every command found anywhere: in the line, in substitutions and bodies, behind wrappers, in evaluated text. */
  commands: ShellCommand[];
  /** Whether an allow pattern may match at all (R21); then every command has `found: 'line'`. */
  literalOnly: boolean;
  problems: ShellProblem[];
}
