import { toYonderError } from '../../protocol/errors.ts';
import { parsePattern } from '../decisions/patterns.ts';

/** What is wrong with a permission pattern, in words; undefined when nothing is. */
export function patternProblem(pattern: string): string | undefined {
  try {
    parsePattern(pattern);
    return undefined;
  } catch (thrown) {
    return toYonderError(thrown).message;
  }
}
