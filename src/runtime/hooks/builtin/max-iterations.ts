import { YonderError } from '../../../protocol/errors.ts';
import type { BuiltinHook } from './types.ts';

/** Ends the run before its model call number N + 1, without a question; `before_llm_call` says which one is about to be made. */
export const maxIterations: BuiltinHook = ({ args, input }) => {
  const [said = ''] = args;
  if (!/^[1-9]\d{0,8}$/.test(said))
    return Promise.reject(
      new YonderError(
        'invalid_request',
        `max_iterations takes how many model calls a run may make, not "${said}"`,
      ),
    );
  const { iteration } = input;
  if (typeof iteration !== 'number')
    return Promise.reject(
      new YonderError(
        'invalid_request',
        'max_iterations belongs to before_llm_call, which counts the model calls',
      ),
    );
  if (iteration <= Number(said)) return Promise.resolve({});
  return Promise.resolve({ continue: false, stop_reason: `the run made its ${said} model calls` });
};
