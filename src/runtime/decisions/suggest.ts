import type { PermissionLayer } from '../../protocol/permissions.ts';
import { exactRules, identityOf } from './exact-rules.ts';
import { escapeGlob } from './glob.ts';
import type { Decision, DecisionInput } from './types.ts';

/**
 * The rule that would allow a call which is asked about, tried by folding again; `undefined` where none would. The
 * whole tool is named only where nothing narrower helps, and a file that governs by its own name.
 */
export function suggestRule(
  input: DecisionInput,
  fold: (input: DecisionInput) => Decision,
): Decision['wouldAllow'] | undefined {
  const { call } = input;
  const rules = exactRules(call);
  const tool = identityOf(call);
  const files = call.paths
    .filter(({ use }) => use === 'write')
    .map(({ path }) => `${tool}:path=${escapeGlob(path)}`);
  const candidates: { layer: PermissionLayer; rules: string[] }[] = [
    { layer: 'session', rules },
    { layer: 'session', rules: [tool] },
    { layer: 'user', rules: files },
  ];
  for (const candidate of candidates) {
    if (candidate.rules.length === 0) continue;
    const layers = [
      ...input.layers,
      { name: candidate.layer, trusted: true, rules: { allow: candidate.rules, ask: [], deny: [] } },
    ];
    if (fold({ ...input, layers }).decision === 'allow') {
      return { rule: candidate.rules.join(', '), layer: candidate.layer };
    }
  }
  return undefined;
}
