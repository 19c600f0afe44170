import { PERMISSION_LAYERS, type PermissionLayer } from '../../protocol/permissions.ts';
import { isGoverningPath } from './governing.ts';
import {
  findAllowing,
  findRestriction,
  namesFile,
  shellDenyGlobs,
  shellLineOf,
  type MatchScope,
} from './match.ts';
import { whyUnsafe } from './safe.ts';
import { whyUnjudged } from './shell/judge.ts';
import type { Decision, DecisionInput, Layer } from './types.ts';
import { suggestRule } from './suggest.ts';

/**
 * The only way to a tool (DESIGN.md section 6, R8): collects every verdict, then folds; the stronger wins. Deny, then
 * required ask, then the first layer with a rule that matches, then the mode. Pure. Throws `invalid_request` for a
 * pattern that cannot be read: a rule is never skipped.
 */
export function decide(input: DecisionInput): Decision {
  const decision = fold(input);
  const refusedByMode = decision.decision === 'deny' && decision.source === 'mode';
  if (decision.decision !== 'ask' && !refusedByMode) return decision;
  const wouldAllow = suggestRule(input, fold);
  const suggested = wouldAllow === undefined ? decision : { ...decision, wouldAllow };
  if (refusedByMode) return suggested;
  return { ...suggested, unattended: input.mode === 'restricted' ? 'refuse' : input.unattended };
}

function fold(input: DecisionInput): Decision {
  const scope: MatchScope = { call: input.call, workspace: input.workspace };
  const ordered = orderLayers(input.layers);
  const decisive = findDeny(input, ordered, scope) ?? findRequiredAsk(input, ordered, scope);
  if (decisive !== undefined) return decisive;
  const byRule = findRule(input, ordered, scope);
  if (byRule === undefined) return byMode(input);
  if (byRule.decision === 'ask' && input.mode === 'autonomous') {
    return { ...byRule, decision: 'allow', source: 'mode', reason: `autonomous: ${byRule.reason}` };
  }
  return byRule;
}

function orderLayers(layers: readonly Layer[]): Layer[] {
  return layers.toSorted((a, b) => PERMISSION_LAYERS.indexOf(a.name) - PERMISSION_LAYERS.indexOf(b.name));
}

function findDeny(input: DecisionInput, layers: readonly Layer[], scope: MatchScope): Decision | undefined {
  const places = [
    ...layers.map((layer) => ({ layer: layer.name as Decision['layer'], deny: layer.rules.deny })),
    ...(input.chain ?? []).map(({ name, rules }) => ({ layer: `chain:${name}` as const, deny: rules.deny })),
  ];
  for (const { layer, deny } of places) {
    const rule = findRestriction(deny, scope, 'deny');
    if (rule === undefined) continue;
    return {
      decision: 'deny',
      required: false,
      source: 'deny_rule',
      rule,
      layer,
      reason: `denied by "${rule}"`,
    };
  }
  return fromGuard(input, 'deny');
}

function fromGuard(input: DecisionInput, verdict: 'deny' | 'ask'): Decision | undefined {
  const guard = input.guards?.find((entry) => entry.verdict === verdict);
  if (guard === undefined) return undefined;
  const reason = guard.reason ?? `${verdict} by ${guard.source}`;
  return {
    decision: verdict,
    required: verdict === 'ask',
    source: 'guard',
    rule: guard.source,
    layer: guard.layer,
    reason,
  };
}

function findRequiredAsk(
  input: DecisionInput,
  layers: readonly Layer[],
  scope: MatchScope,
): Decision | undefined {
  const required = { decision: 'ask', required: true, source: 'required_ask' } as const;
  for (const { name, rules } of layers) {
    const rule = name === 'policy' ? findRestriction(rules.ask, scope, 'ask') : undefined;
    if (rule !== undefined) return { ...required, rule, layer: name, reason: `the policy asks: "${rule}"` };
  }
  const guard = fromGuard(input, 'ask');
  if (guard !== undefined) return guard;
  const governing = findGoverning(input, layers, scope);
  if (governing !== undefined) return { ...required, reason: `${governing} governs what agents may do` };
  const line = shellLineOf(input.call);
  if (line === undefined) return undefined;
  const denies = [...layers, ...(input.chain ?? [])].flatMap(({ rules }) =>
    shellDenyGlobs(rules.deny, input.call),
  );
  const why = whyUnjudged(line, denies);
  return why === undefined ? undefined : { ...required, reason: `deny rules cannot judge this line: ${why}` };
}

/** A file that governs, which the call would write and no rule of user or policy names (R13). */
function findGoverning(
  input: DecisionInput,
  layers: readonly Layer[],
  scope: MatchScope,
): string | undefined {
  const extra = input.governing ?? [];
  const naming = layers.filter(
    ({ name, trusted }) =>
      trusted && (name === 'policy' || (name === 'user' && isWithinPolicy(name, input, scope))),
  );
  const rules = naming.flatMap((layer) => layer.rules.allow);
  for (const { path, use } of input.call.paths) {
    if (use !== 'write' || !isGoverningPath(path, { extra })) continue;
    if (!rules.some((rule) => namesFile(rule, path, scope))) return path;
  }
  const redirections = shellLineOf(input.call)?.commands.flatMap((command) => command.redirections) ?? [];
  return redirections.find(
    ({ operator, target }) =>
      operator.includes('>') && target.literal && isGoverningPath(target.text, { extra }),
  )?.target.text;
}

/** Whether what a hook of this layer allows counts under the policy (R8). */
export function countsWithinPolicy(input: DecisionInput, layer: PermissionLayer): boolean {
  return isWithinPolicy(layer, input, { call: input.call, workspace: input.workspace });
}

/** The first layer with a match decides; inside it an ask beats an allow. */
function findRule(input: DecisionInput, layers: readonly Layer[], scope: MatchScope): Decision | undefined {
  for (const name of PERMISSION_LAYERS) {
    const here = layers.filter((layer) => layer.name === name);
    const asks = askIn(name, here, input, scope);
    if (asks !== undefined) return asks;
    const allows = allowIn(name, here, input, scope);
    if (allows !== undefined && isWithinPolicy(name, input, scope)) return allows;
  }
  return undefined;
}

/** What a client allows itself counts only as far as the policy lets it (R8). */
function isWithinPolicy(name: PermissionLayer, { clientAllow }: DecisionInput, scope: MatchScope): boolean {
  if (clientAllow === undefined || !clientAllow.layers.includes(name)) return true;
  return findAllowing(clientAllow.rules, scope).length > 0;
}

function askIn(
  name: PermissionLayer,
  layers: readonly Layer[],
  input: DecisionInput,
  scope: MatchScope,
): Decision | undefined {
  // What an agent or a team on the chain asks about stands beside the team's own asks (R5).
  const chain = name === 'team' ? (input.chain ?? []) : [];
  const rule = findRestriction(
    [...layers, ...chain].flatMap(({ rules }) => rules.ask),
    scope,
    'ask',
  );
  if (rule === undefined) return undefined;
  return { decision: 'ask', required: false, source: 'rule', rule, layer: name, reason: `"${rule}" asks` };
}

function allowIn(
  name: PermissionLayer,
  layers: readonly Layer[],
  input: DecisionInput,
  scope: MatchScope,
): Decision | undefined {
  const allow = { decision: 'allow', required: false, layer: name } as const;
  const rules = layers.filter((layer) => layer.trusted).flatMap((layer) => layer.rules.allow);
  const used = findAllowing(rules, scope);
  if (used.length > 0) return { ...allow, source: 'rule', ...namesOf(used) };
  const trusted = layers.some((layer) => layer.trusted);
  const guard = input.guards?.find((entry) => entry.verdict === 'allow' && entry.layer === name);
  if (guard !== undefined && (trusted || layers.length === 0)) {
    return {
      ...allow,
      source: 'guard',
      rule: guard.source,
      reason: guard.reason ?? `allowed by ${guard.source}`,
    };
  }
  if (name !== 'session') return undefined;
  const valid = (input.approvals ?? []).filter(
    (approval) => approval.digest === undefined || approval.digest === input.call.digest,
  );
  const own = valid.filter((approval) => approval.digest !== undefined).map(({ rule }) => rule);
  const others = valid.filter((approval) => approval.digest === undefined).map(({ rule }) => rule);
  const approved = findAllowing([...rules, ...others], scope, own);
  if (approved.length > 0) return { ...allow, source: 'approval', ...namesOf(approved) };
  if (input.acceptEdits === true && isPlainEdit(input)) {
    return { ...allow, source: 'accept_edits', reason: 'edits inside the workspace are accepted' };
  }
  return undefined;
}

function namesOf(rules: readonly string[]): { rule: string; reason: string } {
  return { rule: rules.join(', '), reason: `allowed by ${rules.map((rule) => `"${rule}"`).join(', ')}` };
}

function isPlainEdit({ call, governing }: DecisionInput): boolean {
  const writes = call.paths.filter(({ use }) => use === 'write');
  if (!call.builtin || call.toolset !== 'filesystem' || call.effect !== 'workspace' || call.network)
    return false;
  if (writes.length === 0 || call.paths.some(({ inside }) => !inside)) return false;
  return !writes.some(({ path }) => isGoverningPath(path, { extra: governing ?? [] }));
}

function byMode(input: DecisionInput): Decision {
  const why = whyUnsafe(input);
  const { mode } = input;
  if (mode === 'strict')
    return { decision: 'ask', required: false, source: 'mode', reason: 'strict asks for everything' };
  if (why === undefined) return { decision: 'allow', required: false, source: 'safe', reason: 'it is safe' };
  if (mode === 'autonomous')
    return { decision: 'allow', required: false, source: 'mode', reason: `autonomous: ${why}` };
  if (mode === 'balanced')
    return { decision: 'ask', required: false, source: 'mode', reason: `not safe: ${why}` };
  return {
    decision: 'deny',
    required: false,
    source: 'mode',
    reason: `restricted refuses what is not safe: ${why}`,
  };
}
