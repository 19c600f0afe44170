import { escapeGlob } from './glob.ts';
import { programIsYonder } from './patterns.ts';
import { isOutOfReach } from './shell/judge.ts';
import type { ShellCommand } from './shell/types.ts';
import { isInterpreter } from './shell/wrappers.ts';
import type { DecisionCall } from './types.ts';

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
  if (call.network && Array.isArray(call.args['urls'])) return siteRules(call, call.args['urls']);
  const [only, ...others] = call.paths;
  if (only !== undefined && others.length === 0) {
    return [`${identityOf(call)}:${only.argument ?? 'path'}=${escapeGlob(only.path)}`];
  }
  return [identityOf(call)];
}

/** One site, with all its pages; several have no rule of their own. */
function siteRules(call: DecisionCall, urls: readonly unknown[]): string[] {
  const origins = new Set(urls.map((url) => URL.parse(String(url))?.origin ?? 'null'));
  const [only = 'null', ...others] = origins;
  return others.length > 0 || only === 'null' ? [] : [`${identityOf(call)}:urls=${siteGlob(only)}/*`];
}

/** A `:` of an address begins no argument of a pattern; brackets of IPv6 are no wildcards. */
function siteGlob(origin: string): string {
  return origin.replaceAll(/[[\]]/g, String.raw`\$&`);
}

/** The tool as a rule names it (R16). */
export function identityOf(call: DecisionCall): string {
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
