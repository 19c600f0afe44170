import type { RuleOffer } from '../../protocol/permissions.ts';
import { exactRules, identityOf } from './exact-rules.ts';
import { decide } from './fold.ts';
import { escapeGlob } from './glob.ts';
import type { DecisionCall, DecisionInput } from './types.ts';

/** The rule of "all for this session": every tool; asks that are required stay asks. */
export const SESSION_RULE = '*/*';

/**
 * The rules that answers other than "once" would make, shown before one is given (R25). Only rules under which this
 * very call would run are offered; a required ask gets none.
 */
export function ruleOffers(input: DecisionInput): RuleOffer[] {
  const { call } = input;
  const offers: RuleOffer[] = [];
  const exact = exactRules(call);
  if (exact.length === 1)
    offers.push({ kind: 'approve_tool', rule: exact[0] ?? '', text: `always allow ${exact[0]}` });
  const folder = folderRule(call);
  if (folder !== undefined) {
    offers.push({
      kind: 'folder',
      rule: folder.rule,
      text: `allow edits in ${folder.name} for this session`,
    });
  }
  offers.push({ kind: 'session', rule: SESSION_RULE, text: 'allow every tool for the rest of this session' });
  return offers.filter((offer) => wouldAllow(input, offer.rule));
}

function wouldAllow(input: DecisionInput, rule: string): boolean {
  const approvals = [
    ...(input.approvals ?? []),
    { rule, ...(input.call.digest === undefined ? {} : { digest: input.call.digest }) },
  ];
  return decide({ ...input, approvals }).decision === 'allow';
}

const EDITORS = new Set(['edit_file', 'write_file']);

/** The folder of the file that a call writes, with all below it. */
function folderRule(call: DecisionCall): { rule: string; name: string } | undefined {
  const [only, ...others] = call.paths.filter(({ use }) => use === 'write');
  if (only === undefined || others.length > 0 || !only.inside) return undefined;
  const folder = only.path.slice(0, Math.max(only.path.lastIndexOf('/'), 0));
  if (folder === '' && only.path.startsWith('/')) return undefined;
  const tool = call.builtin && EDITORS.has(call.tool) ? '{edit,write}_file' : identityOf(call);
  const glob = folder === '' ? '**' : `${escapeGlob(folder)}/**`;
  return {
    rule: `${tool}:${only.argument ?? 'path'}=${glob}`,
    name: folder === '' ? 'the workspace' : folder,
  };
}
