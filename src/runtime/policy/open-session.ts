import type { AcceptedSession } from '../../protocol/contract/payloads.ts';
import type { Policy } from '../../protocol/policy.ts';
import type { NeedsTrust, ResolvedTeam, TeamSource } from '../../protocol/team.ts';
import { modelByName } from '../host/model-by-name.ts';
import type { OpenSession } from '../host/open-session.ts';
import { checkConfig, checkFolders } from './request.ts';
import { checkSource } from './sources.ts';
import { checkModel, checkTeam } from './team.ts';

/** The team of a request that names none. */
export const DEFAULT_SOURCE: TeamSource = { kind: 'builtin', name: 'default' };

/** A session that is there, against the policy of whoever takes it further: its folder may have been allowed when it was made, and not be any more. */
export async function checkOpenSession(policy: Policy, session: OpenSession): Promise<void> {
  const { settings, team, working_dir } = session;
  await checkPlace(policy, { settings, team, working_dir, home: session.options.env('HOME') });
  for (const name of session.log.state.models.values()) checkModel(policy, modelByName(team, name));
}

/** Source, folders, what goes along and the resolved team, before any effect. Gives the real path of the folder. */
export async function checkPlace(
  policy: Policy,
  asked: {
    settings: Pick<AcceptedSession, 'source' | 'runtime_config'>;
    team: ResolvedTeam;
    working_dir: string;
    home: string | undefined;
    needsTrust?: NeedsTrust;
  },
): Promise<string> {
  const { team, home, needsTrust } = asked;
  const { source = DEFAULT_SOURCE, runtime_config = {} } = asked.settings;
  const { accept_edits: _judged, ...config } = runtime_config;
  await checkSource(policy, source);
  checkConfig(policy, config);
  const { working_dir } = await checkFolders(policy, { ...config, working_dir: asked.working_dir });
  await checkTeam(policy, { team, source, working_dir, home, needsTrust });
  return working_dir;
}
