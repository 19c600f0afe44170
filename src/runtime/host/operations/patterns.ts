import { YonderError } from '../../../protocol/errors.ts';
import type { PermissionRules } from '../../../protocol/permissions.ts';
import { patternProblem } from '../pattern-problem.ts';

/** A rule that cannot be read is refused before it is stored: later it would hold up every call that it is asked about. */
export function checkPatterns(field: string, rules: Partial<PermissionRules> | undefined): void {
  for (const [kind, patterns] of Object.entries(rules ?? {})) {
    for (const pattern of patterns ?? []) {
      const problem = patternProblem(pattern);
      if (problem !== undefined)
        throw new YonderError('invalid_request', `${field}.${kind}: "${pattern}": ${problem}`);
    }
  }
}
