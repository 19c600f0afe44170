import { YonderError } from '../../protocol/errors.ts';
import { fail } from '../loop/call-model.ts';
import { event } from '../loop/context.ts';
import { finish } from '../loop/finish.ts';
import type { OpenSession } from './open-session.ts';

/** After so many recoveries without a newly recorded step a run ends (R11). */
const MOST_ATTEMPTS = 3;

/**
 * Begins the recovery of a run that was cut: says in the log what is done again and what nobody can know, and hands the run to the
 * drive. Undefined where nothing was cut. Needs the lease.
 */
export async function recoverRun(
  session: OpenSession,
): Promise<{ run_id: string; after: number } | undefined> {
  const { log } = session;
  const run = log.state.conversations.get(log.root_id)?.run;
  if (run === undefined) return undefined;
  const after = log.state.head;
  if (run.recoveries >= MOST_ATTEMPTS) {
    const message = `the run was recovered ${MOST_ATTEMPTS} times without getting a step further; it is ended`;
    await fail(session, run, new YonderError('recovery_exhausted', message));
    await finish(session, run, 'recovery_exhausted');
    return { run_id: run.run_id, after };
  }
  const redone: string[] = [];
  const unknown: string[] = [];
  for (const held of log.state.conversations.values()) {
    const open = held.run;
    if (open === undefined) continue;
    if (open.calling !== undefined) redone.push(`model call of turn ${open.turn}`);
    for (const call of open.calls.values()) {
      if (!call.started || call.done || call.child !== undefined) continue;
      const recovery = recoveryOf(session, open.agent_name, call.call.function.name);
      if (recovery === 'rerun') redone.push(call.call.function.name);
      if (recovery === 'unknown') unknown.push(`${call.call.function.name} (${call.call.id})`);
    }
    session.adopt(open.run_id);
  }
  await log.append({
    flush: true,
    events: [
      event('run_recovered', run, {
        at_seq: after,
        attempt: run.recoveries + 1,
        redone,
        unknown_effects: unknown,
        lost_toolsets: [],
      }),
    ],
  });
  return { run_id: run.run_id, after };
}

function recoveryOf(session: OpenSession, agent_name: string, tool: string): string | undefined {
  const agent = session.team.agents.find((candidate) => candidate.name === agent_name);
  if (agent === undefined) return undefined;
  const tools = session.toolsets(agent).flatMap((toolset) => toolset.tools);
  return tools.find((candidate) => candidate.definition.name === tool)?.recovery;
}
