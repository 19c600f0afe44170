import { type Context, createContext, Script } from 'node:vm';

/** What runs at the moment; the script below calls it. */
const slot: { act?: () => void } = {};
let world: { context: Context; script: Script } | undefined;

export type Timed<Result> = { readonly value: Result } | 'timeout';

/**
 * Runs something that cannot be asked to stop, such as the matching of a regular expression, and ends it after so many milliseconds.
 * It holds up everything else in this process for as long, so the limit has to be short. Costs a thread, so use it where it is needed.
 */
export function withTimeLimit<Result>(limit_ms: number, act: () => Result): Timed<Result> {
  let result: Timed<Result> = 'timeout';
  slot.act = () => {
    result = { value: act() };
  };
  try {
    world ??= { context: createContext(slot), script: new Script('act()') };
    world.script.runInContext(world.context, { timeout: limit_ms });
    return result;
  } catch (error) {
    if (isTimeout(error)) return 'timeout';
    throw error;
  } finally {
    delete slot.act;
  }
}

/** The error is one of the script's own world, so it is no instance of this one's `Error`. */
function isTimeout(error: unknown): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
  );
}
