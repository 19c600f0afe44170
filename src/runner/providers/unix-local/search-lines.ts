import { YonderError } from '../../../protocol/errors.ts';
import type { SearchMatch, SearchQuery } from '../../../protocol/workspace.ts';
import { withTimeLimit } from './time-limit.ts';

/** Larger files are passed over. */
export const SEARCH_FILE_LIMIT = 64 * 1024 * 1024;
const TEXT_LIMIT = 500;

/** Column of the first match in a line, from 0, or -1. */
export type FindInLine = (line: string) => number;

/** Literal text or a JavaScript regular expression, line by line, with regard to case. */
export function compileQuery({ query, is_regex }: SearchQuery): FindInLine {
  if (query === '') throw new YonderError('invalid_request', 'the search text is empty');
  if (is_regex !== true) return (line) => line.indexOf(query);
  try {
    const pattern = new RegExp(query);
    return (line) => pattern.exec(line)?.index ?? -1;
  } catch (error) {
    throw new YonderError('invalid_request', `${query} is no regular expression: ${String(error)}`, {
      cause: error,
    });
  }
}

/** How long a regular expression may take in one file, in milliseconds; nothing else happens in this process meanwhile. */
const REGEX_MS = 1000;

/**
 * The first matching lines of one file, at most `count`. A regular expression that takes too long is refused with `timeout`: some need
 * more steps for a line than there is time.
 */
export function firstMatches(
  path: string,
  bytes: Uint8Array,
  { query, is_regex }: SearchQuery,
  find: FindInLine,
  count: number,
): SearchMatch[] {
  const look = (): SearchMatch[] => [...matchesIn(path, bytes, find).take(count)];
  // Only where a part may match in several ways can they multiply.
  if (is_regex !== true || !/[*+?{|]/.test(query)) return look();
  const looked = withTimeLimit(REGEX_MS, look);
  if (looked !== 'timeout') return looked.value;
  throw new YonderError(
    'timeout',
    `the regular expression ${query} took more than ${REGEX_MS} ms in ${path}: write it without repetitions inside repetitions, leave that file out, or search for a plain text`,
  );
}

/** The matching lines of one file. A file with a NUL byte is binary and has none. */
function* matchesIn(path: string, bytes: Uint8Array, find: FindInLine): Generator<SearchMatch> {
  if (bytes.includes(0)) return;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
  let line = 0;
  for (let start = 0; start < text.length;) {
    line += 1;
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline;
    const content = text.slice(start, text[end - 1] === '\r' && end > start ? end - 1 : end);
    const column = find(content);
    if (column >= 0) yield { path, line, column: column + 1, text: content.slice(0, TEXT_LIMIT) };
    start = end + 1;
  }
}

/** Order of a walk that goes down into each folder where its name stands among its neighbours. */
export function comparePaths(a: string, b: string): number {
  const left = a.split('/');
  const right = b.split('/');
  for (let index = 0; index < Math.min(left.length, right.length); index += 1) {
    const [one = '', other = ''] = [left[index], right[index]];
    if (one !== other) return one < other ? -1 : 1;
  }
  return left.length - right.length;
}
