import { posix } from 'node:path';
import type { Effect } from '../../protocol/permissions.ts';
import { YonderError } from '../../protocol/errors.ts';
import type { Workspace } from '../../protocol/workspace.ts';
import { readGrammarFiles } from '../decisions/shell/grammar-files.ts';
import { ShellGrammar } from '../decisions/shell/grammar.ts';
import { parseShellLine } from '../decisions/shell/parse.ts';
import { readPaths, shellEffect } from '../decisions/shell/read-only.ts';
import type { ShellLine } from '../decisions/shell/types.ts';

/** One grammar for the process: it is loaded when a line first needs it. */
const GRAMMAR = new ShellGrammar(() => readGrammarFiles());

export function shellLineOf(line: string): Promise<ShellLine> {
  return parseShellLine(line, GRAMMAR);
}

/** R3: `none` for a line that only reads inside the workspace, else `external`. Paths are judged after links are resolved. */
export async function effectOfLine(
  line: ShellLine,
  cwd: string | undefined,
  workspace: Workspace,
): Promise<Effect> {
  const usesGit = line.commands.some((command) => command.words[0]?.text === 'git');
  const isPlain = usesGit && (await gitConfigIsPlain(cwd, workspace));
  const inside = new Set<string>();
  for (const path of readPaths(line, isPlain) ?? [])
    if (await isInside(path, cwd, workspace)) inside.add(path);
  return shellEffect(line, {
    isInside: (path) => inside.has(path),
    gitConfigIsPlain: isPlain,
    ...(cwd === undefined ? {} : { cwd }),
  });
}

async function isInside(path: string, cwd: string | undefined, workspace: Workspace): Promise<boolean> {
  const from = cwd === undefined ? path : posix.resolve(posix.resolve(workspace.root, cwd), path);
  try {
    await workspace.resolve(from === '' ? '.' : from, 'read');
    return true;
  } catch (thrown) {
    if (thrown instanceof YonderError) return thrown.code === 'not_found';
    throw thrown;
  }
}

const PLAIN_CORE = new Set([
  'repositoryformatversion',
  'filemode',
  'bare',
  'logallrefupdates',
  'ignorecase',
  'precomposeunicode',
  'symlinks',
  'autocrlf',
]);
const PLAIN_SECTIONS = new Set(['remote', 'branch', 'user', 'init', 'color']);

/** Whether the repository's own config names nothing that git would run; one that is not where it is looked for is not plain. */
async function gitConfigIsPlain(cwd: string | undefined, workspace: Workspace): Promise<boolean> {
  if (cwd !== undefined && cwd !== '.' && cwd !== workspace.root) return false;
  try {
    const file = await workspace.readFile('.git/config', { length: 64 * 1024 });
    return isPlainConfig(new TextDecoder().decode(file.bytes));
  } catch (thrown) {
    if (thrown instanceof YonderError) return false;
    throw thrown;
  }
}

export function isPlainConfig(text: string): boolean {
  let section = '';
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue;
    const header = /^\[\s*([\w.-]+)(\s+"[^"]*")?\s*\]$/.exec(line);
    if (header !== null) {
      section = (header[1] ?? '').toLowerCase();
      if (section !== 'core' && !PLAIN_SECTIONS.has(section)) return false;
      continue;
    }
    const key = (/^([\w-]+)\s*(=|$)/.exec(line)?.[1] ?? '').toLowerCase();
    if (key === '' || (section === 'core' && !PLAIN_CORE.has(key))) return false;
    if (section === 'remote' && !['url', 'fetch', 'pushurl'].includes(key)) return false;
  }
  return true;
}
