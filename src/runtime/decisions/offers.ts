import type { RuleOffer } from '../../protocol/permissions.ts';
import { decide } from './fold.ts';
import { escapeGlob } from './glob.ts';
import { programIsYonder } from './patterns.ts';
import { isOutOfReach } from './shell/judge.ts';
import { isInterpreter } from './shell/wrappers.ts';
import type { ShellCommand } from './shell/types.ts';
import type { DecisionCall, DecisionInput } from './types.ts';

/** The rule of "all for this session": every tool; asks that are required stay asks. */
export const SESSION_RULE = '*/*';

/** Programs whose first word after them says what they do. */
const WITH_SUBCOMMANDS = new Set(
  'git npm pnpm yarn bun cargo go docker podman kubectl pip pip3 gh apt brew systemctl helm terraform dotnet mvn gradle rustup make uv'.split(
    ' ',
  ),
);

/** Subcommands that run what follows them. */
const RUNNING_SUBCOMMANDS = new Set([
  'exec',
  'x',
  'dlx',
  'run',
  'bisect',
  'filter-branch',
  'config',
  'difftool',
]);

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
      text: `allow ${call.tool} in ${folder.name} for this session`,
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

/** The narrowest rules that speak of this call: one for each program of a shell line, the file, or the tool. */
export function exactRules(call: DecisionCall): string[] {
  if (call.shell !== undefined) {
    if (isOutOfReach(call.shell)) return [];
    const rules = new Set<string>();
    for (const command of call.shell.commands) {
      const glob = commandGlob(command);
      if (glob === undefined) return [];
      rules.add(`${identityOf(call)}:cmd=${glob}`);
    }
    return [...rules];
  }
  const [only, ...others] = call.paths;
  if (only !== undefined && others.length === 0) {
    return [`${identityOf(call)}:${only.argument ?? 'path'}=${escapeGlob(only.path)}`];
  }
  return [identityOf(call)];
}

function identityOf(call: DecisionCall): string {
  return call.builtin ? call.tool : `${call.toolset}/${call.tool}`;
}

/** Program and subcommand; the whole command where the next word is no plain subcommand of one. */
function commandGlob(command: ShellCommand): string | undefined {
  const words = command.words.map((word) => word.text);
  const [program = '', subcommand] = words;
  if (isInterpreter(program) || programIsYonder(program) || !/^[\w./+-]+$/.test(program)) return undefined;
  if (!WITH_SUBCOMMANDS.has(program)) return `${escapeGlob(program)} *`;
  if (subcommand === undefined) return escapeGlob(program);
  if (!/^[a-z][\w:-]*$/i.test(subcommand) || RUNNING_SUBCOMMANDS.has(subcommand)) {
    return words.every((word) => /^[^\s]+$/.test(word))
      ? words.map((word) => escapeGlob(word)).join(' ')
      : undefined;
  }
  return `${program} ${escapeGlob(subcommand)} *`;
}

/** The folder of the file that a call edits; for a file at the top, the files of the workspace. */
function folderRule(call: DecisionCall): { rule: string; name: string } | undefined {
  const [only, ...others] = call.paths.filter(({ use }) => use === 'write');
  if (only === undefined || others.length > 0 || !only.inside) return undefined;
  const slash = only.path.lastIndexOf('/');
  if (slash <= 0) return undefined;
  const folder = only.path.slice(0, slash);
  return { rule: `${identityOf(call)}:${only.argument ?? 'path'}=${escapeGlob(folder)}/**`, name: folder };
}
