import { readArguments, type ReadOnlyProgram } from './read-only-arguments.ts';

const SHOWING = {
  flags: 'abBCDGilLMpRrStuvwWz',
  values: 'nSGU',
  numeric: true,
  long: 'oneline graph all stat shortstat numstat name-only name-status patch no-patch cached staged decorate follow reverse merges no-merges abbrev-commit first-parent summary word-diff ignore-all-space ignore-space-change color no-color minimal histogram patience raw check quiet branches tags remotes'.split(
    ' ',
  ),
  longValues:
    'max-count format pretty since until after before author committer grep date diff-filter unified color abbrev stat decorate word-diff skip'.split(
      ' ',
    ),
} as const satisfies ReadOnlyProgram;

/** Subcommands that only read, with their flags. What makes git run a program or write a file is left out. */
const SUBCOMMANDS: Readonly<Record<string, ReadOnlyProgram>> = {
  status: {
    flags: 'sbvuz',
    long: ['short', 'branch', 'porcelain', 'long', 'verbose', 'ignored', 'show-stash', 'ahead-behind'],
    longValues: ['porcelain', 'untracked-files', 'ignored'],
  },
  diff: SHOWING,
  log: SHOWING,
  show: SHOWING,
  branch: { flags: 'arv', long: ['list', 'all', 'remotes', 'verbose', 'show-current'], maxOperands: 0 },
  'rev-parse': {
    flags: 'q',
    long: 'verify short abbrev-ref show-toplevel git-dir is-inside-work-tree show-prefix show-cdup symbolic-full-name all branches tags absolute-git-dir is-bare-repository'.split(
      ' ',
    ),
    longValues: ['short', 'abbrev-ref'],
  },
  'ls-files': {
    flags: 'cdmoistuvz',
    long: [
      'cached',
      'deleted',
      'modified',
      'others',
      'stage',
      'exclude-standard',
      'full-name',
      'error-unmatch',
    ],
    values: 'x',
    longValues: ['exclude'],
  },
};

/**
 * The paths that a git command reads; `undefined` where it may do more than read. Needs a repository whose own
 * configuration names no program.
 */
export function readGit(rest: readonly string[], configIsPlain: boolean): string[] | undefined {
  if (!configIsPlain) return undefined;
  const [subcommand = '', ...words] = rest[0] === '--no-pager' ? rest.slice(1) : rest;
  const entry = Object.hasOwn(SUBCOMMANDS, subcommand) ? SUBCOMMANDS[subcommand] : undefined;
  if (entry === undefined) return undefined;
  // `revision:path` names a file too, and so does a range of such.
  return readArguments(words, entry)?.flatMap((operand) =>
    [operand, ...operand.split(':').slice(1)].filter((path) => path !== ''),
  );
}
