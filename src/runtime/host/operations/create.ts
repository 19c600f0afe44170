import type { CreateSessionAnswer } from '../../../protocol/contract/answers.ts';
import type { AcceptedSession } from '../../../protocol/contract/payloads.ts';
import type { RequestContext } from '../../../protocol/context.ts';
import { YonderError } from '../../../protocol/errors.ts';
import type { SessionRow } from '../../../protocol/store.ts';
import { assertRunnable, type LoadedTeam } from '../../../team/index.ts';
import { refuseFile, takesFile } from '../../../model/accepted-media.ts';
import { playedCassette } from '../cassette.ts';
import { describeSession } from '../describe.ts';
import type { Host } from '../host.ts';
import { newId, newSessionId } from '../../ids.ts';
import { addGivenValues } from '../../redact/sources.ts';
import type { OpenSession } from '../open-session.ts';
import { withServed } from '../serving.ts';
import { boundsOf } from '../../policy/bounds.ts';
import { checkPlace } from '../../policy/open-session.ts';
import { checkSession, warningsOf } from '../../policy/request.ts';
import { assertTrustCounts } from '../../policy/trust.ts';
import type { Handlers } from './handlers.ts';
import { resumeSession } from './resume.ts';
import {
  checkAgent,
  checkFurtherFolders,
  checkSnapshots,
  claim,
  refuseChanged,
  refuseUnbuilt,
  settingsOf,
  storable,
} from './session-settings.ts';
import { loadRequested, type RequestedTeam } from './teams.ts';
import { checkUploads, uploadOf } from './uploads.ts';

export const createHandlers: Handlers<'session/create'> = {
  async 'session/create'(host, context, request) {
    // Before anything is made of them: what is written of a team that never becomes a session holds none of these either.
    const owner = newId('req');
    addGivenValues(host.secrets, request.runtime_config?.env ?? {}, owner);
    try {
      return await createOrResume(host, context, request);
    } finally {
      host.secrets.forget(owner);
    }
  },
};

async function createOrResume(
  host: Host,
  context: RequestContext,
  asked: AcceptedSession,
): Promise<CreateSessionAnswer> {
  const { policy } = context;
  if (policy !== undefined) checkSession(policy, asked);
  refuseUnbuilt(asked);
  await checkUploads(host, context, asked);
  if (asked.resume_session_id !== undefined) return resumeSession(host, context, asked);
  const request = withServed(host.options.serving, asked);
  const loaded = await loadRequested(host, context, request);
  refuseChanged(request, loaded);
  const place = {
    settings: { ...request, source: loaded.source },
    team: loaded.team,
    needsTrust: loaded.needsTrust,
    working_dir: request.working_dir ?? policy?.folders.default ?? host.options.default_working_dir,
    home: host.options.env('HOME'),
  };
  const working_dir = policy === undefined ? place.working_dir : await checkPlace(policy, place);
  assertTrustCounts(context, request, loaded);
  assertRunnable(loaded);
  const agent_name = request.agent_name ?? loaded.defaultAgent;
  checkAgent(loaded, agent_name);
  await host.options.checkFolder(working_dir);
  await checkFurtherFolders(host, request);
  await checkSnapshots(host, request);
  const { row, repeated } = await store(host, context, { asked, request }, loaded, agent_name, working_dir);
  if (request.runtime_config?.env !== undefined)
    host.setEnvironment(row.session_id, request.runtime_config.env);
  if (request.runtime_config?.models_gateway !== undefined)
    host.setGateway(row.session_id, request.runtime_config.models_gateway);
  let session: OpenSession;
  try {
    session = await host.open(row);
    await checkModel(session, loaded, agent_name);
    await checkFiles(host, context, session, loaded, request);
  } catch (thrown) {
    if (!repeated) {
      await host.release(row.session_id);
      await host.store.deleteSession(row.session_id);
    }
    throw thrown;
  }
  return {
    ...(await describeSession(session, row)),
    session_id: row.session_id,
    warnings: [...loaded.warnings, ...warningsOf(policy, request, loaded.team)],
  };
}

/** The model of the agent that begins must be callable before anything happens; `auto` is found now. */
async function checkModel(session: OpenSession, loaded: LoadedTeam, agent_name: string): Promise<void> {
  const agent = loaded.team.agents.find((candidate) => candidate.name === agent_name);
  for (const name of agent?.models ?? []) {
    const model = await session.model(name);
    await session.models.findKeys([model]);
    const missing = session.models.missingKey(model);
    if (missing === undefined) continue;
    throw new YonderError(
      'model_unavailable',
      `the model ${name} needs a key: set ${missing}, or: yonder auth login ${missing} (docs/models-and-keys.md says how)`,
      { details: { variable: missing } },
    );
  }
}

/** What the first messages bring is refused while there is nothing to take back: one of the agent's models must take each file. */
async function checkFiles(
  host: Host,
  context: RequestContext,
  session: OpenSession,
  { team, defaultAgent }: LoadedTeam,
  { first_files = [], agent_name = defaultAgent }: AcceptedSession,
): Promise<void> {
  const agent = team.agents.find(({ name }) => name === agent_name);
  const [first, ...others] = [...(agent?.models ?? []), ...(agent?.fallback?.models ?? [])];
  for (const { upload_id, name, media_type } of first_files) {
    const { bytes } = await uploadOf(host, context, upload_id, name);
    const file = { name, media_type, bytes };
    const models = await Promise.all(others.map((other) => session.model(other)));
    if (first === undefined || models.some((model) => takesFile(model, file))) continue;
    refuseFile(await session.model(first), file);
  }
}

async function store(
  host: Host,
  context: RequestContext,
  { asked, request }: { asked: AcceptedSession; request: AcceptedSession },
  loaded: RequestedTeam,
  agent_name: string,
  working_dir: string,
): Promise<{ row: SessionRow; repeated: boolean }> {
  const session_id = request.session_id ?? newSessionId();
  const cassette = await playedCassette(host.store, request);
  const bounds = boundsOf(context.policy);
  await host.store.putTeam(loaded.digest, JSON.stringify(loaded.team));
  const created = await host.store.createSession({
    row: {
      session_id,
      principal: context.principal,
      title: request.title ?? '',
      agent_name,
      working_dir,
      team_digest: loaded.digest,
      created_at: host.options.now().toISOString(),
      starred: false,
      input_tokens: 0,
      output_tokens: 0,
      cost: 0,
      settings: storable({ ...request, source: loaded.source }),
      served: host.options.serving !== undefined,
    },
    events: [
      {
        type: 'settings_changed',
        fields: {
          session_id,
          agent: agent_name,
          ...settingsOf(request),
          ...(cassette === '' ? {} : { cassette }),
          ...(Object.keys(bounds).length === 0 ? {} : { policy: bounds }),
          by: context.principal,
        },
      },
      ...(request.title === undefined
        ? []
        : [{ type: 'session_title', fields: { session_id, title: request.title } }]),
    ],
    idempotency: claim(context, 'session/create', asked, { session_id }),
  });
  const id = created.repeated ? String(created.outcome['session_id']) : session_id;
  const row = await host.store.session(id);
  if (row === undefined) throw new YonderError('internal', `session ${id} was not stored`);
  return { row, repeated: created.repeated };
}
