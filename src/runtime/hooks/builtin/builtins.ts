import { UnsupportedError, YonderError } from '../../../protocol/errors.ts';
import { suggestion } from '../../../protocol/nearest.ts';
import { addGitDiff, addGitStatus, addRecentCommits } from './add-git.ts';
import {
  addDate,
  addDirectoryListing,
  addEnvironmentInfo,
  addPromptFiles,
  addUserInfo,
} from './add-surroundings.ts';
import { httpPost } from './http-post.ts';
import { maxIterations } from './max-iterations.ts';
import { redactSecrets } from './redact-secrets.ts';
import type { BuiltinHook } from './types.ts';

/** The built-in hooks by name (reference/docker-agent.md 5.7). */
export const BUILTIN_HOOKS: Readonly<Record<string, BuiltinHook>> = {
  add_date: addDate,
  add_environment_info: addEnvironmentInfo,
  add_prompt_files: addPromptFiles,
  add_git_status: addGitStatus,
  add_git_diff: addGitDiff,
  add_directory_listing: addDirectoryListing,
  add_user_info: addUserInfo,
  add_recent_commits: addRecentCommits,
  max_iterations: maxIterations,
  redact_secrets: redactSecrets,
  http_post: httpPost,
  snapshot: async ({ keepSnapshots }) => {
    await keepSnapshots();
    return {};
  },
};

/** Those of the peer that are not here, and what there is instead. */
const NOT_BUILT: Readonly<Record<string, string>> = {
  cache_response: 'answers are not kept from one run to the next',
  unload: 'models are not loaded or unloaded by Yonder',
};

/** The built-in of that name. Throws `unsupported` for one of the peer's that is not built, `invalid_team` for what is none. */
export function findBuiltin(name: string): BuiltinHook {
  const found = Object.hasOwn(BUILTIN_HOOKS, name) ? BUILTIN_HOOKS[name] : undefined;
  if (found !== undefined) return found;
  const instead = Object.hasOwn(NOT_BUILT, name) ? NOT_BUILT[name] : undefined;
  if (instead !== undefined)
    throw new UnsupportedError(`the built-in hook ${name}`, `here: ${instead}; take it out`);
  const names = Object.keys(BUILTIN_HOOKS);
  const near = suggestion(name, names);
  throw new YonderError(
    'invalid_team',
    `there is no built-in hook ${name}${near === '' ? `; there are ${names.join(', ')}` : near}`,
  );
}
