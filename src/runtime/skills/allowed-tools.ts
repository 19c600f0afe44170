import { matchesGlob } from '../decisions/glob.ts';
import { SHELL_TOOLS } from '../decisions/patterns.ts';
import type { Tool } from '../../tools/tool.ts';

/** What `allowed-tools` leaves: tools as they are, and shell lines that one of these patterns must allow. */
export interface Allowed {
  names: readonly string[];
  /** Permission patterns, e.g. `shell:cmd=git *`. */
  lines: readonly string[];
}

const TODO = ['create_todo', 'create_todos', 'update_todos', 'list_todos'];

/** Names that skills of the field use for tools that this project has under others; lower case. */
const NAMES_OF_THE_FIELD: Readonly<Record<string, readonly string[]>> = {
  read: ['read_file', 'read_multiple_files'],
  write: ['write_file', 'create_directory'],
  edit: ['edit_file'],
  multiedit: ['edit_file'],
  grep: ['search_files_content'],
  glob: ['list_directory', 'directory_tree'],
  ls: ['list_directory', 'directory_tree'],
  bash: ['shell', 'run_background_job', 'list_background_jobs', 'view_background_job', 'stop_background_job'],
  bashoutput: ['view_background_job'],
  killshell: ['stop_background_job'],
  webfetch: ['fetch'],
  task: ['transfer_task'],
  agent: ['transfer_task'],
  todowrite: TODO,
  todoread: ['list_todos'],
  askuserquestion: ['user_prompt'],
  skill: ['read_skill', 'run_skill'],
};

/**
 * Reads the words of `allowed-tools`: names of this project (`read_file`, `filesystem/*`, a toolset's name) and those of the field (`Read`, `Bash(git:*)`, `mcp__server__tool`). What is not
 * understood allows nothing: it can only narrow (R32).
 */
export function readAllowed(words: readonly string[]): Allowed {
  const names: string[] = [];
  const lines: string[] = [];
  for (const word of words) {
    const [, name = word, pattern] = /^([^(]+)\((.*?)\)?$/.exec(word) ?? [];
    const known = NAMES_OF_THE_FIELD[name.toLowerCase()] ?? [ofServer(name)];
    if (pattern === undefined || pattern === '' || pattern === '*') names.push(...known);
    else if (known.some((one) => SHELL_TOOLS.has(one))) lines.push(...patternsOfLine(pattern));
  }
  return { names, lines };
}

/** `mcp__server__tool` of the field is `server_tool` here. */
function ofServer(name: string): string {
  const [, server, tool] = /^mcp__(.+?)(?:__(.+))?$/.exec(name) ?? [];
  return server === undefined ? name : `mcp:${server}_${tool ?? '*'}`;
}

/** `git:*` and `git *` are git with any words, and alone; another pattern is taken as a permission pattern is. */
function patternsOfLine(pattern: string): string[] {
  const [, program] = /^(.*?)(?::|\s)\*$/.exec(pattern) ?? [];
  const globs = program === undefined ? [pattern] : [program, `${program} *`];
  return globs.map((glob) => `shell:cmd=${glob}`);
}

export type NamedTool = Pick<Tool, 'toolset' | 'builtin' | 'own_name'> & { definition: { name: string } };

/** Whether a tool is left by what `allowed-tools` says: whole, or for some of its lines. */
export function leavesTool(allowed: Allowed, tool: NamedTool): boolean {
  return leavesWhole(allowed, tool) || (allowed.lines.length > 0 && isOfLines(tool));
}

export function leavesWhole({ names }: Allowed, tool: NamedTool): boolean {
  const { toolset, builtin: isBuiltIn = true } = tool;
  const { name } = tool.definition;
  return names.some((wanted) => {
    if (wanted.includes('/')) return matchesGlob(`${toolset}/${tool.own_name ?? name}`, wanted);
    if (wanted.startsWith('mcp:')) return !isBuiltIn && matchesGlob(name, wanted.slice(4));
    // A pattern without a toolset means built-in tools alone (R16).
    return wanted === name || (isBuiltIn && (wanted === toolset || matchesGlob(name, wanted)));
  });
}

/** A line that runs, and looking after the jobs that such lines began. */
function isOfLines({ toolset, builtin = true }: NamedTool): boolean {
  return builtin && toolset === 'shell';
}
