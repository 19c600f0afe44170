import { posix } from 'node:path';
import { TOOL_TABLE } from '../../tools/tool-table.ts';
import { hasWildcard, matchesCommandGlob, matchesGlob, unescapeGlob } from './glob.ts';
import { normalizePath } from './normalize-path.ts';
import { parsePattern, SHELL_TOOLS, type ArgumentGlob, type Pattern } from './patterns.ts';
import { allowsCommand, findDenied, isOutOfReach, matchesAsk, runsYonder } from './shell/judge.ts';
import type { ShellLine } from './shell/types.ts';
import type { DecisionCall } from './types.ts';

/** Arguments whose values are paths where the call does not say what they resolve to. */
const PATH_ARGUMENTS = new Set(['path', 'paths', 'cwd']);

/** What a match needs to know beside the pattern. */
export interface MatchScope {
  call: DecisionCall;
  workspace: string | undefined;
}

/** The call's shell line; a shell tool that comes without one counts as not parsed. */
export function shellLineOf(call: DecisionCall): ShellLine | undefined {
  if (call.shell !== undefined) return call.shell;
  if (!call.builtin || !SHELL_TOOLS.has(call.tool)) return undefined;
  const source = typeof call.args.cmd === 'string' ? call.args.cmd : '';
  return {
    source,
    parsed: false,
    commands: [],
    literalOnly: false,
    problems: [{ code: 'not_parsed', text: source }],
  };
}

/** A rule about `shell` binds each tool that runs a line: whatever is forbidden there must not go by another door. */
function namesOf(call: DecisionCall): string[] {
  return call.builtin && SHELL_TOOLS.has(call.tool) ? [call.tool, 'shell'] : [call.tool];
}

export function matchesTool(pattern: Pattern, call: DecisionCall): boolean {
  if (!namesOf(call).some((name) => matchesGlob(name, pattern.tool))) return false;
  return pattern.toolset === undefined ? call.builtin : matchesGlob(call.toolset, pattern.toolset);
}

/** The rule of a list that denies or asks about the call; both err on the side of matching. */
export function findRestriction(
  rules: readonly string[],
  scope: MatchScope,
  kind: 'deny' | 'ask',
): string | undefined {
  return rules.find((rule) => restricts(parsePattern(rule), scope, kind));
}

function restricts(pattern: Pattern, { call, workspace }: MatchScope, kind: 'deny' | 'ask'): boolean {
  if (!matchesTool(pattern, call)) return false;
  const line = shellLineOf(call);
  return pattern.arguments.every((argument) => {
    if (isCommand(argument) && line !== undefined) {
      return kind === 'deny'
        ? findDenied(line, argument.glob) !== undefined
        : matchesAsk(line, argument.glob);
    }
    return valuesOf(call, argument.name, workspace).some(
      (value) =>
        matchesValue(value, argument.glob) ||
        // What restricts an address reads `*` as anything, a `/` too.
        (call.network && matchesCommandGlob(value, argument.glob, 'wide')),
    );
  });
}

/**
 * The allow rules of one layer that let the call run, together; empty where they do not. Each command of a shell
 * line needs a rule, and a rule for a command matches none that is not literal (R21).
 */
export function findAllowing(
  rules: readonly string[],
  scope: MatchScope,
  /** Rules that were made for this very tool. */
  approved: readonly string[] = [],
): string[] {
  const { call } = scope;
  const line = shellLineOf(call);
  if (line !== undefined && runsYonder(line)) return [];
  const commandRules: { rule: string; globs: string[] }[] = [];
  for (const rule of [...rules, ...approved]) {
    const pattern = parsePattern(rule);
    if (!matchesTool(pattern, call)) continue;
    if (isBuiltInName(pattern.toolset) && !call.builtin && !approved.includes(rule)) continue;
    const isForLine = (argument: ArgumentGlob): boolean => isCommand(argument) && line !== undefined;
    if (!pattern.arguments.every((argument) => isForLine(argument) || allowsArgument(argument, scope)))
      continue;
    const globs = pattern.arguments.filter(isForLine).map((argument) => argument.glob);
    if (globs.length === 0) return [rule];
    commandRules.push({ rule, globs });
  }
  if (line === undefined || isOutOfReach(line) || line.commands.length === 0) return [];
  const used = new Set<string>();
  for (const command of line.commands) {
    const found = commandRules.find(({ globs }) => globs.every((glob) => allowsCommand(command, glob)));
    if (found === undefined) return [];
    used.add(found.rule);
  }
  return [...used];
}

/** A server may be called as a toolset of ours is; what allows ours does not mean it (R16). */
function isBuiltInName(toolset: string | undefined): boolean {
  return toolset !== undefined && Object.hasOwn(TOOL_TABLE, toolset.toLowerCase());
}

function allowsArgument(argument: ArgumentGlob, { call, workspace }: MatchScope): boolean {
  const paths = pathsOf(call, argument.name);
  if (paths.length > 0) {
    return paths.every((path) =>
      pathForms(path, workspace).some((form) => matchesValue(form, argument.glob)),
    );
  }
  const values = rawValues(call, argument.name);
  return (
    values.length > 0 &&
    values.every((value) =>
      formsOf(value, argument.name, workspace).some((form) => matchesValue(form, argument.glob)),
    )
  );
}

function isCommand(argument: ArgumentGlob): boolean {
  return argument.name === 'cmd';
}

/** A path in a pattern may be written with `./` in front. */
function matchesValue(value: string, glob: string): boolean {
  return matchesGlob(value, glob.replace(/^(?:\.\/)+(?=.)/, ''));
}

function valuesOf(call: DecisionCall, name: string, workspace: string | undefined): string[] {
  const forms = pathsOf(call, name).flatMap((path) => pathForms(path, workspace));
  return [...forms, ...rawValues(call, name).flatMap((value) => formsOf(value, name, workspace))];
}

function pathsOf(call: DecisionCall, name: string): string[] {
  return call.paths
    .filter((entry) =>
      entry.argument === undefined
        ? name === 'path' || name === 'paths'
        : entry.argument.toLowerCase() === name,
    )
    .map((entry) => entry.path);
}

/** A path as a pattern may write it: relative to the workspace and, where that is known, absolute. */
function pathForms(path: string, workspace: string | undefined): string[] {
  const normal = posix.normalize(path);
  if (workspace === undefined) return [normal];
  const absolute = posix.resolve(workspace, normal);
  const relative = posix.relative(workspace, absolute);
  return relative.startsWith('..') ? [absolute] : [relative === '' ? '.' : relative, absolute];
}

/** A path argument that comes without its resolved path is compared in the forms of one. */
function formsOf(value: string, name: string, workspace: string | undefined): string[] {
  return PATH_ARGUMENTS.has(name) ? pathForms(value, workspace) : [value];
}

/** The argument's values as text: a list's elements, an object's JSON. Names are compared without case. */
function rawValues(call: DecisionCall, name: string): string[] {
  const entry = Object.entries(call.args).find(([key]) => key.toLowerCase() === name);
  if (entry === undefined || entry[1] === undefined || entry[1] === null) return [];
  const values: unknown[] = Array.isArray(entry[1]) ? entry[1] : [entry[1]];
  return values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));
}

/** Whether an allow rule names this very file: its last segment at least stands there without wildcards (R13). */
export function namesFile(rule: string, path: string, { call, workspace }: MatchScope): boolean {
  const pattern = parsePattern(rule);
  if (!matchesTool(pattern, call)) return false;
  return pattern.arguments.some(({ name, glob }) => {
    const last = glob.slice(glob.lastIndexOf('/') + 1);
    if ((name !== 'path' && name !== 'paths') || hasWildcard(last)) return false;
    const sameName =
      normalizePath(unescapeGlob(last)) === normalizePath(path.slice(path.lastIndexOf('/') + 1));
    return sameName && pathForms(path, workspace).some((form) => matchesValue(form, glob));
  });
}

/** The globs of every deny rule that speaks of this call's shell line: where there is one, R21 asks. */
export function shellDenyGlobs(rules: readonly string[], call: DecisionCall): string[] {
  return rules.flatMap((rule) => {
    const pattern = parsePattern(rule);
    return matchesTool(pattern, call)
      ? pattern.arguments.filter(isCommand).map((argument) => argument.glob)
      : [];
  });
}
