import { EXPLICIT_SESSION_ID } from '../../protocol/contract/payloads.ts';
import type { Backend } from '../../protocol/backend.ts';
import { toYonderError } from '../../protocol/errors.ts';
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
