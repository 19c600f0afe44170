import type { PermissionRules } from '../../protocol/permissions.ts';
import type { Policy } from '../../protocol/policy.ts';
import { hasWildcard, matchesGlob, unescapeGlob } from '../decisions/glob.ts';
import { type ArgumentGlob, parsePattern, type Pattern } from '../decisions/patterns.ts';
import { forbid } from './forbid.ts';

/** What `--accept-edits` lets through. */
const EDITS = ['edit_file', 'write_file'];

/**
 * Whether all that a rule allows is within one of the bounds, as far as their texts say. What cannot be shown is not within; a call is judged by the
 * bounds once more (R8).
 */
export function isWithinBounds(bounds: readonly string[] | undefined, rule: string): boolean {
  if (bounds === undefined) return true;
  const asked = parsePattern(rule);
  return bounds.some((bound) => covers(parsePattern(bound), asked));
}

function covers(bound: Pattern, asked: Pattern): boolean {
  if (!coversToolset(bound, asked) || !coversName(bound.tool, asked.tool)) return false;
  return bound.arguments.every((argument) =>
    asked.arguments.some(({ name, glob }) => name === argument.name && coversGlob(argument, glob)),
  );
}

/** Without a toolset a pattern means built-in tools alone (R16). */
function coversToolset(bound: Pattern, asked: Pattern): boolean {
  if (bound.toolset === '*') return true;
  if (bound.toolset === undefined || asked.toolset === undefined) return bound.toolset === asked.toolset;
  return coversName(bound.toolset, asked.toolset);
}

function coversName(bound: string, asked: string): boolean {
  return bound === asked || bound === '*' || (!hasWildcard(asked) && matchesGlob(asked, bound));
}

function coversGlob({ name, glob: bound }: ArgumentGlob, asked: string): boolean {
  if (bound === asked || bound === '*' || bound === '**') return true;
  if (name !== 'cmd') return !hasWildcard(asked) && matchesGlob(unescapeGlob(asked), bound);
  // "git *" is git, alone or with any arguments.
  const program = bound.endsWith(' *') ? bound.slice(0, -2) : undefined;
  if (program === undefined || hasWildcard(program)) return false;
  return asked === program || asked.startsWith(`${program} `);
}

/** Allow rules that a client asks for by name. Throws `forbidden` for the first that would go beyond `client_allow`. */
export function checkAllowRules(policy: Policy, permissions: Partial<PermissionRules> | undefined): void {
  for (const rule of permissions?.allow ?? []) checkAllowRule(policy, rule);
}

export function checkAllowRule(policy: Pick<Policy, 'where' | 'client_allow'>, rule: string): void {
  if (isWithinBounds(policy.client_allow, rule)) return;
  throw forbid(policy, {
    key: 'client_allow',
    asked: `the allow rule "${rule}"`,
    allowed: policy.client_allow,
  });
}

export function checkAcceptEdits(policy: Policy): void {
  if (EDITS.every((tool) => isWithinBounds(policy.client_allow, tool))) return;
  throw forbid(policy, {
    key: 'client_allow',
    asked: 'to accept edits without a question (--accept-edits)',
    allowed: policy.client_allow,
  });
}

/** Rules of a client's own configuration, which it sends each time: those that go too far are left to the decisions, which do not count them. */
export function rulesTooFar(policy: Policy, rules: Partial<PermissionRules> | undefined): string[] {
  return (rules?.allow ?? []).filter((rule) => !isWithinBounds(policy.client_allow, rule));
}
