import { YonderError } from '../../../protocol/errors.ts';
import { git } from './git.ts';
import { contextOf, type BuiltinHook } from './types.ts';

/** Bytes of a status or log that go to the model. */
const LIST_LIMIT = 16 * 1024;
/** Bytes of a diff (reference/docker-agent.md 5.7). */
const DIFF_LIMIT = 4 * 1024;
const COMMITS = 10;

const titled = (title: string, found: { text: string; cut: boolean } | undefined): string => {
  if (found === undefined) return '';
  if (found.text.trim() === '') return `${title}: nothing`;
  return `${title}:\n${found.text.trimEnd()}${found.cut ? '\n(cut: there is more)' : ''}`;
};

/** `git status` of the working folder; nothing outside of a repository. */
export const addGitStatus: BuiltinHook = async (parts) =>
  contextOf(titled('git status', await git(parts, ['status', '--short', '--branch'], LIST_LIMIT)));

/** What changed since the last commit: how many lines of which files, or with `full` the lines. */
export const addGitDiff: BuiltinHook = async (parts) => {
  const [form, ...others] = parts.args;
  if ((form !== undefined && form !== 'full') || others.length > 0)
    throw new YonderError(
      'invalid_request',
      `add_git_diff takes the word full or nothing, not "${parts.args.join(' ')}"`,
    );
  const args = [
    'diff',
    '--no-ext-diff',
    '--no-textconv',
    '--no-color',
    ...(form === 'full' ? [] : ['--stat']),
  ];
  const since = (await git(parts, [...args, 'HEAD'], DIFF_LIMIT)) ?? (await git(parts, args, DIFF_LIMIT));
  return contextOf(titled('git diff', since));
};

/** The newest commits, one a line; 10, or as many as its argument says. */
export const addRecentCommits: BuiltinHook = async (parts) => {
  const [said = String(COMMITS)] = parts.args;
  if (!/^[1-9]\d{0,3}$/.test(said))
    throw new YonderError('invalid_request', `add_recent_commits takes how many, 1 to 9999, not "${said}"`);
  const found = await git(
    parts,
    ['log', '--no-color', '--no-show-signature', '--format=%h %s', '-n', said],
    LIST_LIMIT,
  );
  return contextOf(titled('Recent commits', found));
};
