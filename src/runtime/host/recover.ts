import { YonderError } from '../../protocol/errors.ts';
import { fail } from '../loop/report.ts';
import { event } from '../loop/context.ts';
import { finish } from '../loop/finish.ts';
import type { Unattended } from '../../protocol/permissions.ts';
import type { EventDraft } from '../../protocol/store.ts';
import type { LogState } from '../fold/state.ts';
import { offeredName, prefixOf } from '../../tools/mcp/names.ts';
import { isHeld } from './at-boundary.ts';
import { STARTERS } from './inbox.ts';
import type { OpenSession } from './open-session.ts';

/** After so many recoveries without a newly recorded step a run ends (R11). */
const MOST_ATTEMPTS = 3;

/**
 * Begins the recovery of a run that was cut: says in the log what is done again and what nobody can know, and hands the run to the
 * drive. Undefined where nothing was cut. Needs the lease.
 */
export async function recoverRun(
  session: OpenSession,
  unattended?: Unattended,
): Promise<{ run_id: string; after: number } | undefined> {
  const { log } = session;
  const run = log.state.conversations.get(log.root_id)?.run;
  if (run === undefined) return undefined;
  const after = log.state.head;
  const waits = onlyWaits(log.state);
  if (run.recoveries >= MOST_ATTEMPTS && !waits) {
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
      if (!call.started || call.done || isHeld(call)) continue;
      const recovery = recoveryOf(session, open.agent_name, call.call.function.name);
      if (recovery === 'rerun') redone.push(call.call.function.name);
      // A server that is not asked yet has no tools that could say otherwise.
      if ((recovery ?? 'unknown') === 'unknown') unknown.push(`${call.call.function.name} (${call.call.id})`);
    }
    session.adopt(open.run_id);
  }
  await log.append({
    flush: true,
    events: [
      event('run_recovered', run, {
        at_seq: after,
        attempt: waits ? Math.max(1, run.recoveries) : run.recoveries + 1,
        redone,
        unknown_effects: unknown,
        lost_toolsets: lostServers(session),
        ...(unattended === undefined ? {} : { unattended }),
      }),
      ...expired(log.state),
      ...asked(log.state),
    ],
  });
  return { run_id: run.run_id, after };
}

/** A message that was accepted, and whose run had not begun when its Host ended: the run that the drive begins with it (R7). */
export async function queuedRun(
  session: OpenSession,
): Promise<{ run_id: string; after: number } | undefined> {
  const rows = await session.options.store.pendingInputs(session.root_id);
  const row = rows.find(
    (candidate) => candidate.session_id === session.root_id && STARTERS.includes(candidate.kind),
  );
  if (row === undefined || typeof row.payload['run_id'] !== 'string') return undefined;
  return { run_id: row.payload['run_id'], after: session.log.state.head };
}

/** Nothing was under way but waiting for a person: such a recovery repeats nothing, and is no attempt (R11). */
function onlyWaits(state: LogState): boolean {
  if (state.pending.size === 0 && !state.paused) return false;
  return [...state.conversations.values()].every(({ run }) => {
    if (run === undefined) return true;
    const started = [...run.calls.values()].filter((call) => call.started && !call.done);
    return run.calling === undefined && started.every(isHeld);
  });
}

/** Whoever asked over a connection is gone with the process, and so is the question (R15). */
function expired(state: LogState): EventDraft[] {
  return [...state.pending.values()]
    .filter(({ held_by }) => held_by === 'connection')
    .map(({ session_id, run_id, request_id, kind }) => ({
      type: 'interaction_resolved',
      fields: {
        session_id,
        run_id,
        request_id,
        kind,
        outcome: 'expired',
        by: 'recovery',
        reason: 'the connection that it came over ended with its process',
      },
    }));
}

/** MCP servers whose tools were called: they are started anew, and know nothing of what they were told (R22). */
function lostServers({ log, team }: OpenSession): string[] {
  const names = team.agents.flatMap(({ toolsets }) =>
    toolsets.filter(({ type }) => type === 'mcp').map((toolset) => prefixOf(toolset)),
  );
  const called = [...log.state.conversations.values()].flatMap(({ messages }) =>
    messages.flatMap(({ tool_calls = [] }) => tool_calls.map((call) => call.function.name)),
  );
  return [...new Set(names)].filter((name) => called.some((tool) => tool.startsWith(offeredName(name, ''))));
}

/** Questions that still wait are asked again under their ids, so that whoever comes now is asked too (R15). */
function asked(state: LogState): EventDraft[] {
  return [...state.pending.values()]
    .filter(({ held_by }) => held_by === 'step')
    .map(({ event: { seq: _seq, timestamp: _timestamp, type, ...fields } }) => ({
      type: String(type),
      fields,
    }));
}

function recoveryOf(session: OpenSession, agent_name: string, tool: string): string | undefined {
  const agent = session.team.agents.find((candidate) => candidate.name === agent_name);
  if (agent === undefined) return undefined;
  const tools = session.toolsets(agent).flatMap((toolset) => toolset.tools);
  return tools.find((candidate) => candidate.definition.name === tool)?.recovery;
}
