import type { Host } from '../../runtime/host/host.ts';
import { recoverOwn } from '../../runtime/host/recover-own.ts';
import type { Serving } from '../../runtime/host/serving.ts';
import type { Say } from './say.ts';

/** Goes on with the runs of this server that were cut (R11), and says on stderr how many, and which stay as they are. */
export async function recoverRuns(
  host: Host,
  serving: Serving,
  say: Say,
  signal: AbortSignal,
): Promise<void> {
  const left = (session_id: string, words: string): void => {
    say(`the run of session ${session_id} is not gone on with: ${words}`);
  };
  serving.problem = (session_id, error) => left(session_id, error.message);
  const recovered = await recoverOwn(host, signal);
  if (recovered.resumed > 0) say(`going on with ${counted(recovered.resumed)} cut off`);
  if (recovered.elsewhere > 0) {
    say(`${counted(recovered.elsewhere)} left to another process, which drives them`);
  }
  for (const { session_id, reason } of recovered.left) left(session_id, reason.message);
}

/** Takes no more work and waits for the boundaries of runs; says on stderr what it waits for and what is left to recovery. */
export async function drain(host: Host, milliseconds: number, say: Say): Promise<void> {
  const working = (await host.opened()).filter((session) => !session.isIdle).length;
  if (working > 0)
    say(
      `stopping: at most ${milliseconds / 1000} s for what ${working === 1 ? 'one session is' : `${working} sessions are`} doing; a second signal ends at once`,
    );
  const cut = await host.drain(milliseconds);
  if (cut > 0) say(`${counted(cut)} cut off; the next start goes on with them`);
}

function counted(count: number): string {
  return count === 1 ? '1 run that was' : `${count} runs that were`;
}
