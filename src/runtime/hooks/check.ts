import { hookProblems } from '../../protocol/check-hooks.ts';
import type { AcceptedSession } from '../../protocol/contract/payloads.ts';
import { UnsupportedError, YonderError } from '../../protocol/errors.ts';

/** Throws `invalid_request` for hooks of a request that could not stand, `unsupported` for what is not built, with the path. */
export function checkHooks(request: AcceptedSession): void {
  const places = {
    'runtime_config.hooks': request.runtime_config?.hooks,
    user_hooks: request.user_hooks,
    project_hooks: request.project_hooks,
  };
  for (const [place, hooks] of Object.entries(places)) {
    const problems = hooks === undefined ? [] : hookProblems(hooks);
    const wrong = problems.find(({ later }) => later === undefined);
    if (wrong !== undefined)
      throw new YonderError('invalid_request', `${place}.${wrong.path}: ${wrong.message}`);
    const [unbuilt] = problems;
    if (unbuilt?.later !== undefined)
      throw new UnsupportedError(unbuilt.later, `yet (${place}.${unbuilt.path})`);
  }
}
