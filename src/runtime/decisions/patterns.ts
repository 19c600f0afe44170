import { YonderError } from '../../protocol/errors.ts';
import { suggestion } from '../../protocol/nearest.ts';
import { TOOL_TABLE } from '../../tools/tool-table.ts';
import { hasWildcard } from './glob.ts';
import { runsItsArguments } from './shell/wrappers.ts';

export interface ArgumentGlob {
  /** Lower case. */
  name: string;
  glob: string;
}

/** A permission pattern, taken apart: `tool`, `toolset/tool`, either with `:argument=glob` (R16, reference 5.4). */
export interface Pattern {
  source: string;
  /** Glob over the toolset; absent: built-in tools only (R16). */
  toolset?: string;
  /** Glob over the tool's name. */
  tool: string;
  arguments: ArgumentGlob[];
}

/** The tools of this project whose `cmd` is a shell line. */
export const SHELL_TOOLS: ReadonlySet<string> = new Set(['shell', 'run_background_job']);

const ARGUMENT_START = /(?<!\\):(?=[A-Za-z_][\w-]*=)/;
const NAME = /^[^\s:=]+$/;

/**
 * Reads one pattern. A `:` begins a new argument only where `name=` follows; `\:`, `\*`, `\?` stand for themselves.
 * Throws `invalid_request` that says what is wrong with it.
 */
export function parsePattern(source: string): Pattern {
  const text = source.trim();
  if (text === '') throw malformed(source, 'it is empty');
  const [head = '', ...rest] = text.split(ARGUMENT_START);
  if (head === '') throw malformed(source, 'a tool must stand before the first ":"');
  const colon = head.indexOf(':');
  if (colon !== -1) {
    throw malformed(
      source,
      `after ":" an argument=glob must follow, as in "shell:cmd=ls *", and "${head.slice(colon + 1)}" is none`,
    );
  }
  if (head.includes('=')) throw malformed(source, 'the tool must come first, as in "shell:cmd=ls *"');
  const parts = head.split('/');
  if (parts.length > 2) throw malformed(source, 'only one "/" may stand between toolset and tool');
  for (const part of parts) {
    if (part === '')
      throw malformed(source, 'toolset and tool must not be empty, as in "filesystem/read_file"');
    if (!NAME.test(part)) throw malformed(source, `"${part}" cannot be the name of a tool`);
  }
  const names = parts.length === 2 ? { toolset: parts[0], tool: parts[1] ?? '' } : { tool: parts[0] ?? '' };
  return { source: text, ...names, arguments: rest.map((argument) => parseArgument(source, argument)) };
}

function parseArgument(source: string, text: string): ArgumentGlob {
  const equals = text.indexOf('=');
  const glob = text.slice(equals + 1).trim();
  const name = text.slice(0, equals).toLowerCase();
  if (glob === '') throw malformed(source, `the glob of "${name}" is empty; "*" matches any value`);
  if (/(?<!\\)(?:\\\\)*\\$/.test(glob)) throw malformed(source, 'a "\\" at the end escapes nothing');
  return { name, glob };
}

function malformed(source: string, why: string): YonderError {
  return new YonderError('invalid_request', `The permission pattern "${source}" cannot be read: ${why}.`, {
    details: { pattern: source },
  });
}

export interface PatternExplanation {
  /** What the pattern matches, in one sentence. */
  meaning: string;
  /** What may surprise the person who wrote it. */
  warnings: string[];
}

/** Says what a pattern matches and where it matches more or less than it seems to. Throws as `parsePattern` does. */
export function explainPattern(source: string): PatternExplanation {
  const pattern = parsePattern(source);
  const command = pattern.arguments.find((argument) => argument.name === 'cmd');
  const warnings: string[] = [];
  if (command !== undefined) warnings.push(...commandWarnings(command.glob));
  if (pattern.toolset === undefined && pattern.tool === '*') {
    warnings.push('"*" without a toolset means built-in tools only; "*/*" means every tool.');
  }
  if (pattern.toolset === undefined && !isBuiltinName(pattern.tool)) {
    warnings.push(
      `"${pattern.tool}" names a built-in tool; a tool of an MCP server is "<toolset>/${pattern.tool}".`,
    );
  }
  warnings.push(...misspelling(pattern));
  return { meaning: meaningOf(pattern), warnings };
}

const BUILTIN_TOOLS: ReadonlySet<string> = new Set(Object.values(TOOL_TABLE).flatMap(Object.keys));

/** A deny for a tool that there is not protects nothing, and nobody would notice. */
function misspelling({ toolset, tool }: Pattern): string[] {
  if (toolset !== undefined || hasWildcard(tool) || BUILTIN_TOOLS.has(tool) || SHELL_TOOLS.has(tool))
    return [];
  const near = suggestion(tool, BUILTIN_TOOLS);
  return near === '' ? [] : [`"${tool}" is no built-in tool${near}`];
}

function isBuiltinName(tool: string): boolean {
  return hasWildcard(tool) || !/^[a-z0-9-]+_[a-z0-9]+_[a-z0-9]+_/i.test(tool);
}

function meaningOf(pattern: Pattern): string {
  const tool =
    pattern.toolset === undefined ? `built-in ${pattern.tool}` : `${pattern.toolset}/${pattern.tool}`;
  if (pattern.arguments.length === 0) return `Any call of ${tool}.`;
  const conditions = pattern.arguments.map(({ name, glob }) => {
    if (name === 'cmd' && glob.endsWith(' *')) {
      return `each command is "${glob.slice(0, -2)}", alone or with any arguments`;
    }
    if (glob.endsWith('*')) return `${name} begins with "${glob.replace(/\*+$/, '')}"`;
    return `${name} is "${glob}"`;
  });
  return `Calls of ${tool} where ${conditions.join(' and ')}.`;
}

function commandWarnings(glob: string): string[] {
  const warnings: string[] = [];
  const joined = /^([^\s*?]+)\*$/.exec(glob)?.[1];
  if (joined !== undefined) {
    warnings.push(
      `"${glob}" also matches every other program whose name begins with "${joined}"; write "${joined} *" for ${joined} with any arguments or none.`,
    );
  }
  const words = glob.split(/\s+/);
  if (runsItsArguments(words)) {
    warnings.push(`"${words[0]}" runs its arguments, so no allow rule matches it; each call is asked about.`);
  }
  if (programIsYonder(words[0] ?? '')) {
    warnings.push('Commands of yonder itself are never allowed by a pattern.');
  }
  return warnings;
}

/** Whether a program word is this program's own command (R13), whatever folder it stands in. */
export function programIsYonder(program: string): boolean {
  return /(?:^|[/\\])yonder(?:-agents)?(?:@[^/]*)?(?:\.(?:[cm]?[jt]s|cmd|exe|ps1))?$/i.test(program);
}
