import { randomUUID } from 'node:crypto';
import type { CommandHandle, SearchQuery, StartCommand } from '../../../protocol/workspace.ts';

export type StartForSearch = (request: StartCommand) => Promise<CommandHandle>;

/**
 * Regular expressions that mean the same to ripgrep as to us, or more: then it may say which files to look at.
 * Lookaround, references, escapes with a Unicode meaning and set operations are left to our own walk.
 */
export function ripgrepUnderstands({ query, is_regex }: SearchQuery): boolean {
  if (is_regex !== true) return !query.includes('\n') && !query.includes('\r');
  if (!/^[\x20-\x7e\t]+$/.test(query) || /\(\?(?!:)/.test(query)) return false;
  if (/\\(?![dw.*+?()[\]{}|^$\\/-])/.test(query)) return false;
  // Ends of lines inside, and what matches "any other character", differ for line ends and for bytes that are no text.
  const inner = query.replace(/^\^/, '').replace(/(?<!\\)\$$/, '');
  if (/(?<!\\)[.$^]/.test(inner)) return false;
  return !/\[[^\]]*(?:\[|&&|--|~~|\\[dws])/.test(query);
}

const ARGUMENTS = [
  '--no-config',
  '--files-with-matches',
  '--null',
  '--no-messages',
  '--hidden',
  '--text',
  '--encoding=none',
  '--crlf',
  '--max-filesize=64M',
  '--glob=!.git',
];
/** Of all that ripgrep honours, .gitignore files alone, in a folder without a repository too. */
const GITIGNORE_ALONE = [
  '--no-require-git',
  '--no-ignore-parent',
  '--no-ignore-global',
  '--no-ignore-exclude',
  '--no-ignore-dot',
];

/** Paths below `folder` of files that may match, in no order. Null when ripgrep cannot say. */
export async function ripgrepFiles(
  start: StartForSearch,
  program: string,
  folder: string,
  query: SearchQuery,
): Promise<string[] | null> {
  const command = await start({
    command_id: `search-${randomUUID()}`,
    program,
    args: [
      ...ARGUMENTS,
      ...(query.gitignore === false ? ['--no-ignore'] : GITIGNORE_ALONE),
      ...(query.is_regex === true ? [] : ['--fixed-strings']),
      `--regexp=${query.query}`,
      '--',
      '.',
    ],
    cwd: folder,
    io: 'pipe',
  });
  const chunks: Uint8Array[] = [];
  for await (const { stream, bytes } of command.output) if (stream === 'stdout') chunks.push(bytes);
  const { exit_code } = await command.result;
  // 0 found, 1 not found, 2 could not do all of it.
  if (exit_code !== 0 && exit_code !== 1) return null;
  const names = Buffer.concat(chunks).toString('utf8').split('\0').slice(0, -1);
  return names.map((name) => name.replace(/^\.\//, ''));
}
