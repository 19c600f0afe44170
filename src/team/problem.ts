import { YonderError } from '../protocol/errors.ts';
import type { TeamPlace } from '../protocol/team.ts';

/** One thing that is wrong in a team file. */
export interface TeamProblem {
  where: TeamPlace;
  message: string;
  /** The line of the file, without control characters and cut to 120 characters around the column; absent when the file has no such line. */
  source_line?: string;
  /** Where in `source_line` the caret stands, from 0. */
  caret?: number;
}

const SHOWN_PROBLEMS = 100;
const SHOWN_COLUMNS = 120;

/** `file:line:column: message`, with the line and a caret below it. */
export function problemText(problem: TeamProblem): string {
  const { file, line, column } = problem.where;
  const head = `${file}:${line}:${column}: ${problem.message}`;
  if (problem.source_line === undefined) return head;
  return `${head}\n    ${problem.source_line}\n    ${' '.repeat(problem.caret ?? 0)}^`;
}

/** All problems of a file as one `invalid_team`, in the order of the file; after a hundred it only says how many more there are. */
export function invalidTeam(problems: readonly TeamProblem[]): YonderError {
  const ordered = problems.toSorted(
    (left, right) => left.where.line - right.where.line || left.where.column - right.where.column,
  );
  const shown = ordered.slice(0, SHOWN_PROBLEMS);
  const more = ordered.length - shown.length;
  const lines = shown.map((problem) => problemText(problem));
  if (more > 0) lines.push(`and ${more} more ${more === 1 ? 'problem' : 'problems'}`);
  return new YonderError('invalid_team', lines.join('\n'), { details: { problems: shown } });
}

/** A file that cannot be read as a team at all: one message, no line. */
export function invalidFile(file: string, message: string, cause?: unknown): YonderError {
  const problem: TeamProblem = { where: { file, line: 1, column: 1 }, message };
  return new YonderError('invalid_team', `${file}: ${message}`, { details: { problems: [problem] }, cause });
}

/** The part of a line that is shown, safe to print: a terminal gets no control characters from a file. */
export function shownLine(line: string, column: number): { source_line: string; caret: number } {
  const start = column <= SHOWN_COLUMNS - 20 ? 0 : column - SHOWN_COLUMNS / 2;
  // oxlint-disable-next-line no-control-regex -- these are what must not reach a terminal
  const source_line = line
    .slice(start, start + SHOWN_COLUMNS)
    .replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, ' ');
  return { source_line, caret: Math.max(0, column - 1 - start) };
}
