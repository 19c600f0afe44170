import type { CreateSessionAnswer } from '../../protocol/contract/answers.ts';
import { toYonderError, YonderError } from '../../protocol/errors.ts';
import { resumeCommand } from '../remote/remote-server.ts';
import { looking } from '../request-context.ts';
import { type Drive, runMessage, showRun } from './drive.ts';
import type { RunTeam } from './run-command.ts';

export interface GoThrough extends RunTeam {
  session: CreateSessionAnswer;
  drive: Drive;
  messages: readonly string[];
  /** A terminal, and nothing that says otherwise: it stays in a conversation. */
  converses: boolean;
}

/**
 * What was cut first, then the messages in order up to the first that does not end `normal`, then the conversation. Gives an exit code
 * where the runs' ends do not decide it.
 */
export async function goThrough(going: GoThrough): Promise<number | undefined> {
  const { session, drive, messages, converses, prepared } = going;
  const resumes = prepared.flags.session !== undefined || prepared.flags.continue === true;
  if (session.recovered !== undefined && !(await endCut(going, session.recovered))) return undefined;
  if (session.recovered === undefined && messages.length === 0 && !converses) {
    if (session.active_run !== undefined) return lookOn(going, session.active_run);
    if (resumes)
      throw new YonderError(
        'invalid_request',
        `session ${session.session_id} has nothing to end; give it a message`,
      );
  }
  for (const content of converses ? [] : messages) {
    if (drive.interrupts.count > 0) return 130;
    if (!(await runMessage(drive, { role: 'user', content }))) return undefined;
  }
  if (!converses) return undefined;
  const { startConversation } = await import('../conversation/conversation.ts');
  const { backend, io } = going;
  return startConversation({
    backend,
    runtime: drive.runtime,
    context: { going, drive },
    renderer: drive.renderer,
    io,
    messages,
  });
}

/** Goes on with the run that was cut, its open questions included. */
async function endCut(
  { drive, session }: GoThrough,
  recovered: { run_id: string; after: number },
): Promise<boolean> {
  drive.questions?.takePending(session.pending_interactions);
  const { run_id, after } = recovered;
  return showRun(drive, drive.runtime.follow(looking(), { after, run_id }), run_id);
}

/** Another process drives the run: it is looked at, and Ctrl-C ends the looking alone. */
async function lookOn(
  { drive, backend, output, prepared }: GoThrough,
  active: { run_id: string; pid?: number | undefined },
): Promise<number | undefined> {
  const leave = new AbortController();
  output.note(
    `run ${active.run_id} goes on in process ${active.pid ?? '?'}; this looks on (Ctrl-C leaves it alone)`,
  );
  drive.interrupts.onFirst(() => leave.abort());
  try {
    for await (const event of backend.followRun(looking(leave.signal), { run_id: active.run_id })) {
      await drive.renderer.event(event);
      drive.questions?.take(event);
      if (drive.fold.take(event)) return undefined;
    }
    if (!leave.signal.aborted)
      throw new YonderError(
        'unavailable',
        `run ${active.run_id} did not end here; go on with: ${resumeCommand(drive.runtime.session_id, prepared.server)}`,
      );
  } catch (thrown) {
    if (!leave.signal.aborted) throw toYonderError(thrown);
  } finally {
    drive.interrupts.onFirst(undefined);
    await drive.questions?.close();
    await drive.renderer.settle();
  }
  return 0;
}
