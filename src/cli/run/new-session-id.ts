import { EXPLICIT_SESSION_ID } from '../../protocol/contract/payloads.ts';
import type { Backend } from '../../protocol/backend.ts';
import { toYonderError, YonderError } from '../../protocol/errors.ts';
import type { RunFlags } from '../flags/run-flags.ts';
import { looking } from '../request-context.ts';

/**
 * The flags with which a session of the person's own id is begun: `--session` names one that there is not, in a form that no id of ours and
 * no prefix of one has. Undefined: the command goes on as it is.
 */
export async function flagsForNew(flags: RunFlags, backend: Backend): Promise<RunFlags | undefined> {
  const { session, ...others } = flags;
  if (session === undefined || !EXPLICIT_SESSION_ID.test(session)) return undefined;
  try {
    await backend.session(session).open(looking(), {});
    return undefined;
  } catch (thrown) {
    const error = toYonderError(thrown);
    if (error.code !== 'not_found') throw error;
    return { ...others, newSession: session };
  }
}

/** A name that no session has may have been meant as that of a new one. */
export function toldHowToBegin(thrown: unknown, session: string | undefined): unknown {
  if (!(thrown instanceof YonderError) || thrown.code !== 'not_found') return thrown;
  if (session === undefined || !/^[A-Za-z][A-Za-z0-9]*$/.test(session)) return thrown;
  return new YonderError(
    'not_found',
    `${thrown.message}; to begin one of your own name, write it with a - _ or . in it: --session ${session}-1`,
    { cause: thrown },
  );
}
