import { setTimeout as delay } from 'node:timers/promises';
import type { CreateSessionAnswer } from '../../../protocol/contract/answers.ts';
import type { AcceptedSession } from '../../../protocol/contract/payloads.ts';
import type { RequestContext } from '../../../protocol/context.ts';
import { YonderError } from '../../../protocol/errors.ts';
import { DEFAULT_SAFETY, stricterSafety } from '../../../protocol/permissions.ts';
import type { EventDraft, IdempotencyClaim, SessionPatch, SessionRow } from '../../../protocol/store.ts';
import type { NeedsTrust, ResolvedTeam } from '../../../protocol/team.ts';
import { assertRunnable, teamDigest } from '../../../team/index.ts';
import { playedCassette } from '../cassette.ts';
import { describeSession } from '../describe.ts';
import type { Host } from '../host.ts';
import { hasHooks } from '../../hooks/events/has-hooks.ts';
import type { OpenSession } from '../open-session.ts';
import { addGivenValues } from '../../redact/sources.ts';
import { changedBounds } from '../../policy/bounds.ts';
import { checkPlace } from '../../policy/open-session.ts';
import { assertTrustCounts } from '../../policy/trust.ts';
import { queuedRun, recoverRun } from '../recover.ts';
import { storedSettings } from '../serving.ts';
import {
  checkAgent,
  checkFurtherFolders,
  checkSnapshots,
  claim,
  refuseChanged,
  settingsOf,
  storable,
} from './session-settings.ts';
import { loadRequested, withPromptFiles } from './teams.ts';

/**
 * `session/create{resume_session_id}`: the session with its agent, models and folder, unless today's flags name others. Where a run
 * was cut, this recovers that one session and no other (R11); where another living Host drives it, it is only looked at.
 */
export async function resumeSession(
  host: Host,
  context: RequestContext,
  request: AcceptedSession,
): Promise<CreateSessionAnswer> {
  const row = await host.row(context, request.resume_session_id ?? '');
  addGivenValues(host.secrets, request.runtime_config?.env ?? {}, row.session_id);
  const session = await host.open(row);
  if (await isRunElsewhere(host, row.session_id, context.signal)) return answer(host, session);
  const before = RESUMING.get(session) ?? Promise.resolve();
  const resumed = before.then(() =>
    once(host, session, claim(context, 'session/create', request, {}), async () => {
      const done = await session.inPlaceOfDrive(() => resumeHere(host, context, session, request));
      return done ?? answer(host, session);
    }),
  );
  const settled = resumed.catch(() => undefined);
  RESUMING.set(session, settled);
  return resumed;
}

/** Resumes of one session go one after the other, so that the flags of each are applied. */
const RESUMING = new WeakMap<OpenSession, Promise<unknown>>();

/** What a key had recovered, for as long as this process holds the session open. */
const RECOVERED = new WeakMap<OpenSession, Map<string, IdempotencyClaim>>();

/**
 * A resume whose answer was lost is asked for again under its key (R18): it applies nothing again, and names the run that the first one recovered. In
 * another process the run itself says so, as long as it is not over.
 */
async function once(
  host: Host,
  session: OpenSession,
  claimed: IdempotencyClaim | undefined,
  resume: () => Promise<CreateSessionAnswer>,
): Promise<CreateSessionAnswer> {
  if (claimed === undefined) return resume();
  const known = RECOVERED.get(session) ?? new Map<string, IdempotencyClaim>();
  RECOVERED.set(session, known);
  const name = JSON.stringify([claimed.principal, claimed.key]);
  const earlier = known.get(name);
  if (earlier !== undefined && earlier.request_digest !== claimed.request_digest) {
    const message = `the key ${claimed.key} was used for another ${claimed.operation}; take a new key`;
    throw new YonderError('idempotency_conflict', message);
  }
  if (earlier !== undefined) return { ...(await answer(host, session)), ...earlier.outcome };
  const done = await resume();
  known.set(name, {
    ...claimed,
    outcome: done.recovered === undefined ? {} : { recovered: done.recovered },
  });
  return done;
}

/** How long another process may hold on to a session without a run before a resume is refused. Milliseconds. */
const FREE_WITHIN = 10_000;

/** True where another living process drives a run; waits while one only finishes what stands around a run, such as a title. */
async function isRunElsewhere(host: Host, root_id: string, signal?: AbortSignal): Promise<boolean> {
  const deadline = Date.now() + FREE_WITHIN;
  for (;;) {
    const owner = await host.store.lease(root_id);
    if (owner === undefined || !owner.alive || owner.lease.host_id === host.store.host_id) return false;
    if ((await host.store.session(root_id))?.active_run !== undefined) return true;
    if (Date.now() > deadline) {
      const { pid } = owner.lease;
      const message = `process ${pid} still works on session ${root_id}, though no run is open; try again when it is done`;
      throw new YonderError('run_busy', message, { details: { pid } });
    }
    await delay(host.options.poll_ms, undefined, { signal });
  }
}

async function resumeHere(
  host: Host,
  context: RequestContext,
  session: OpenSession,
  request: AcceptedSession,
): Promise<{ result: CreateSessionAnswer; drive: boolean }> {
  const row = await host.row(context, session.root_id);
  await host.options.checkFolder(request.working_dir ?? row.working_dir);
  await checkFurtherFolders(host, request);
  await checkSnapshots(host, request);
  const { team, settings } = session;
  const given = request.runtime_config?.env;
  if (request.source === undefined)
    host.checkVariables({ session_id: row.session_id, team, settings }, given);
  const held = await host.store.acquireLease(row.session_id);
  if (held.kind === 'held') return { result: await answer(host, session), drive: false };
  session.log.epoch = held.epoch;
  session.log.tryAgain();
  try {
    await session.log.catchUp();
    await applyToday(host, context, session, row, request);
    const recovered = (await recoverRun(session, request.unattended)) ?? (await queuedRun(session));
    const described = await answer(host, session);
    // The lease goes over to the drive: nobody else comes in between.
    return { result: recovered === undefined ? described : { ...described, recovered }, drive: true };
  } catch (thrown) {
    session.log.epoch = undefined;
    await host.store.releaseLease(row.session_id, held.epoch);
    throw thrown;
  }
}

async function answer(host: Host, session: OpenSession): Promise<CreateSessionAnswer> {
  const row = await host.store.session(session.root_id);
  if (row === undefined) throw new YonderError('session_closed', `session ${session.root_id} was deleted`);
  return { ...(await describeSession(session, row)), session_id: row.session_id };
}

/** Today's flags over what the session was created with; what changes stands in the log. */
async function applyToday(
  host: Host,
  context: RequestContext,
  session: OpenSession,
  row: SessionRow,
  request: AcceptedSession,
): Promise<void> {
  const before = storedSettings(host.options.serving, row);
  const settings = merged(before, request);
  const events: EventDraft[] = [];
  const change: Record<string, unknown> = { ...settingsOf(request) };
  if (request.agent_name !== undefined) {
    checkAgent({ agentNames: session.team.agents.map((agent) => agent.name) }, request.agent_name);
    change['agent'] = request.agent_name;
  }
  const kept = session.log.state.safety;
  if (change['safety'] === undefined && kept !== undefined) {
    const stricter = stricterSafety(kept, DEFAULT_SAFETY);
    if (stricter !== kept) change['safety'] = stricter;
  }
  const cassette = await playedCassette(host.store, settings);
  if (cassette !== (await playedCassette(host.store, before))) change['cassette'] = cassette;
  leaveOutSame(change, session);
  const today = await teamOfToday(host, session, before, request, context);
  const working_dir = await checkedFolder(host, context, session, { row, settings, request, today });
  if (row.principal === context.principal) {
    const bounds = changedBounds(session.log.state.bounds, context.policy);
    if (bounds !== undefined) change['policy'] = bounds;
  }
  const patch: SessionPatch = { served: host.options.serving !== undefined };
  if (working_dir !== row.working_dir) {
    patch.working_dir = working_dir;
    await session.moveTo(working_dir);
  }
  if (today !== undefined && today.digest !== row.team_digest) {
    await host.store.putTeam(today.digest, JSON.stringify(today.team));
    patch.team_digest = today.digest;
    events.push({
      type: 'team_changed',
      fields: {
        session_id: row.session_id,
        team_digest: today.digest,
        changes: [`${row.team_digest} -> ${today.digest}`],
      },
    });
    session.change({ team: today.team });
  }
  if (hasHooks({ log: session.log, settings, team: today?.team ?? session.team })) change['resumed'] = true;
  if (Object.keys(change).length > 0) {
    events.push({
      type: 'settings_changed',
      fields: { session_id: row.session_id, ...change, by: context.principal },
    });
  }
  if (request.agent_name !== undefined) patch.agent_name = request.agent_name;
  if (request.title !== undefined) {
    patch.title = request.title;
    events.push({ type: 'session_title', fields: { session_id: row.session_id, title: request.title } });
  }
  const stored = storable(settings);
  await session.log.append({ events, session: { ...patch, settings: stored } });
  if (request.runtime_config?.env !== undefined)
    host.setEnvironment(row.session_id, request.runtime_config.env);
  if (request.runtime_config?.models_gateway !== undefined)
    host.setGateway(row.session_id, request.runtime_config.models_gateway);
  session.change({ settings, models: await host.modelsFor(session, settings) });
}

/** The folder of today, with links followed where a policy says so. Throws `forbidden` for what the caller's policy does not let it go on with. */
async function checkedFolder(
  host: Host,
  { policy }: RequestContext,
  session: OpenSession,
  { row, settings, request, today }: Today,
): Promise<string> {
  const working_dir = request.working_dir ?? row.working_dir;
  if (policy === undefined) return working_dir;
  return checkPlace(policy, {
    settings,
    team: today?.team ?? session.team,
    working_dir,
    home: host.options.env('HOME'),
    ...(today?.needsTrust === undefined ? {} : { needsTrust: today.needsTrust }),
  });
}

interface Today {
  row: SessionRow;
  settings: AcceptedSession;
  request: AcceptedSession;
  today: { team: ResolvedTeam; needsTrust?: NeedsTrust } | undefined;
}

/** The team that today's flags name; else the pinned one with today's prompt files in the place of its own. Undefined: as it was. */
async function teamOfToday(
  host: Host,
  session: OpenSession,
  before: AcceptedSession,
  request: AcceptedSession,
  context: RequestContext,
): Promise<{ team: ResolvedTeam; digest: string; needsTrust?: NeedsTrust } | undefined> {
  if (request.source !== undefined || (request.model_overrides ?? []).length > 0) {
    const loaded = await loadRequested(host, context, {
      ...request,
      source: request.source ?? before.source,
    });
    refuseChanged(request, loaded);
    assertTrustCounts(context, request, loaded);
    assertRunnable(loaded);
    return loaded;
  }
  const team = await withPromptFiles(host, session.team, request.prompt_files ?? []);
  return team === session.team ? undefined : { team, digest: teamDigest(team) };
}

/** A flag that says what holds already changes nothing, and the log is left as it is. */
function leaveOutSame(change: Record<string, unknown>, { log: { state } }: OpenSession): void {
  if (change['safety'] === state.safety) delete change['safety'];
  if (change['accept_edits'] === state.accept_edits) delete change['accept_edits'];
  if (change['snapshots'] === state.history.on) delete change['snapshots'];
  if (change['agent'] === state.agent_name) delete change['agent'];
}

function merged(before: AcceptedSession, today: AcceptedSession): AcceptedSession {
  const said = Object.fromEntries(Object.entries(today).filter(([, value]) => value !== undefined));
  const { resume_session_id: _resume, ...rest } = said as AcceptedSession;
  return {
    ...before,
    ...rest,
    runtime_config: { ...before.runtime_config, ...today.runtime_config },
    ...(before.budget === undefined ? {} : { budget: { ...before.budget, ...today.budget } }),
  };
}
