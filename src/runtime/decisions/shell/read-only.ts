import { posix } from 'node:path';
import type { Effect } from '../../../protocol/permissions.ts';
import { isSecretPath } from '../secrets.ts';
import { readArguments, type ReadOnlyProgram } from './read-only-arguments.ts';
import { readGit } from './read-only-git.ts';
import type { ShellLine } from './types.ts';

/** What is known of the place where a line would run. */
export interface ShellPlace {
  /** Whether a path, taken as the runner would take it, stays in the workspace or a read root. */
  isInside(path: string): boolean;
  /** Whether the repository's own configuration names no program: no alias, pager, textconv, fsmonitor, filter. */
  gitConfigIsPlain: boolean;
  /** Where the line runs, so that a secret folder is seen in `cat config` too. */
  cwd?: string;
  /** The user's additions to the secret-file list. */
  extraSecrets?: readonly string[];
}

const LIST: Readonly<Record<string, ReadOnlyProgram>> = {
  ls: {
    flags: 'aAbBcCdfFgGhHiklLmnNopqQrRsStuUvxXZ1',
    long: [
      'all',
      'almost-all',
      'color',
      'directory',
      'human-readable',
      'recursive',
      'reverse',
      'size',
      'group-directories-first',
    ],
    longValues: ['color', 'sort', 'time', 'format', 'ignore', 'time-style'],
  },
  cat: { flags: 'AbeEnstTuv', long: ['number', 'show-all', 'number-nonblank'] },
  head: { flags: 'qvz', values: 'nc', longValues: ['lines', 'bytes'], long: ['quiet'], numeric: true },
  tail: { flags: 'qvz', values: 'nc', longValues: ['lines', 'bytes'], long: ['quiet'], numeric: true },
  wc: { flags: 'clmwL', long: ['lines', 'words', 'bytes', 'chars', 'max-line-length'] },
  grep: {
    flags: 'abcEFGhHiIlLnoPqrsTUvwxyzZ',
    values: 'ABCm',
    long: [
      'ignore-case',
      'recursive',
      'line-number',
      'files-with-matches',
      'count',
      'word-regexp',
      'invert-match',
      'fixed-strings',
      'extended-regexp',
      'only-matching',
      'color',
    ],
    longValues: [
      'include',
      'exclude',
      'exclude-dir',
      'color',
      'max-count',
      'context',
      'after-context',
      'before-context',
    ],
    operands: 1,
    numeric: true,
  },
  rg: {
    flags: 'acFHiIlLnNopPqsSUuvwx0',
    values: 'ABCgjmMtTd',
    long: [
      'files',
      'hidden',
      'no-ignore',
      'json',
      'count',
      'ignore-case',
      'smart-case',
      'fixed-strings',
      'line-number',
      'no-heading',
      'heading',
      'files-with-matches',
      'multiline',
      'word-regexp',
      'invert-match',
      'only-matching',
    ],
    longValues: [
      'glob',
      'iglob',
      'type',
      'max-count',
      'max-depth',
      'color',
      'context',
      'after-context',
      'before-context',
      'sort',
    ],
    operands: 1,
  },
  pwd: { flags: 'LP', maxOperands: 0 },
  echo: { flags: 'neE', noPaths: true },
  true: { noPaths: true },
  false: { noPaths: true },
  date: {
    flags: 'uIR',
    values: 'd',
    long: ['utc', 'iso-8601'],
    longValues: ['date', 'iso-8601', 'rfc-3339'],
    noPaths: true,
    onlyFormats: true,
  },
  stat: { flags: 'fLt', values: 'c', longValues: ['format', 'printf'], long: ['dereference', 'terse'] },
  file: { flags: 'bhiLNnprsvzZ0', long: ['brief', 'mime', 'mime-type', 'mime-encoding'] },
  tree: { flags: 'adfghilpqstuDFCN', values: 'LIP', long: ['dirsfirst', 'noreport', 'gitignore'] },
  sort: {
    flags: 'bcCdfgghiMnRrsuVz',
    values: 'kt',
    long: ['reverse', 'numeric-sort', 'unique', 'ignore-case', 'version-sort', 'human-numeric-sort'],
    longValues: ['key', 'field-separator'],
  },
  uniq: {
    flags: 'cdDiuz',
    values: 'fsw',
    long: ['count', 'repeated', 'unique', 'ignore-case'],
    maxOperands: 1,
  },
  cut: {
    flags: 'nsz',
    values: 'bcdf',
    long: ['complement', 'only-delimited'],
    longValues: ['delimiter', 'fields', 'bytes', 'characters', 'output-delimiter'],
  },
  diff: {
    flags: 'abBcdeEinNpqrstTuwyZ',
    values: 'UCW',
    long: [
      'brief',
      'unified',
      'recursive',
      'ignore-all-space',
      'side-by-side',
      'color',
      'new-file',
      'report-identical-files',
    ],
    longValues: ['unified', 'color', 'exclude', 'width'],
    numeric: true,
  },
  du: {
    flags: 'abchHkLmsSx0',
    values: 'd',
    long: ['summarize', 'human-readable', 'all', 'apparent-size', 'total'],
    longValues: ['max-depth', 'exclude'],
  },
  df: { flags: 'ahHiklPT', long: ['human-readable', 'local', 'print-type', 'inodes'] },
  which: { flags: 'as', noPaths: true },
  whoami: { maxOperands: 0 },
  id: { flags: 'agGnruz', noPaths: true },
  uname: { flags: 'amnoprsv', maxOperands: 0 },
};

const FIND_TESTS = new Set(
  '-name -iname -path -ipath -regex -iregex -type -maxdepth -mindepth -size -mtime -mmin -atime -ctime -cmin -amin -perm -user -group'.split(
    ' ',
  ),
);
const FIND_WORDS = new Set(
  '-print -print0 -empty -prune -not -o -or -a -and ! ( ) -ls -quit -true -false -depth -xdev -mount -daystart -readable -writable -executable'.split(
    ' ',
  ),
);

/**
 * The effect of a shell call, computed from its line (R3): `none` where every command is literal, stands in the table
 * with its flags, and names no secret file and no path outside; else `external`.
 */
export function shellEffect(line: ShellLine, place: ShellPlace): Extract<Effect, 'none' | 'external'> {
  const paths = readPaths(line, place.gitConfigIsPlain);
  const isSafe = (path: string): boolean =>
    place.isInside(path) && !isSecretPath(posix.join(place.cwd ?? '', path), place.extraSecrets);
  return paths?.every(isSafe) === true ? 'none' : 'external';
}

/**
 * The paths that a line reads, as they are written, so that a place can resolve them before it is asked; `undefined`
 * where the line may do more than read.
 */
export function readPaths(line: ShellLine, gitConfigIsPlain: boolean): string[] | undefined {
  if (!line.literalOnly || line.commands.length === 0) return undefined;
  // A command that goes on in the background outlives the decision.
  if (/(?<![&>])&(?![&>\d-])/.test(line.source)) return undefined;
  const all: string[] = [];
  for (const { words } of line.commands) {
    const [name = '', ...rest] = words.map((word) => word.text);
    const paths =
      name === 'git'
        ? readGit(rest, gitConfigIsPlain)
        : name === 'find'
          ? readFind(rest)
          : readListed(name, rest);
    if (paths === undefined) return undefined;
    all.push(...paths);
  }
  return all;
}

function readListed(name: string, rest: readonly string[]): string[] | undefined {
  const entry = Object.hasOwn(LIST, name) ? LIST[name] : undefined;
  return entry === undefined ? undefined : readArguments(rest, entry);
}

function readFind(rest: readonly string[]): string[] | undefined {
  const first = rest.findIndex((word) => /^[-(!]/.test(word));
  const paths = first === -1 ? [...rest] : rest.slice(0, first);
  for (let index = paths.length; index < rest.length; index += 1) {
    const word = rest[index] ?? '';
    if (FIND_TESTS.has(word)) index += 1;
    else if (!FIND_WORDS.has(word)) return undefined;
  }
  return paths;
}
