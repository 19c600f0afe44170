import { resolve } from 'node:path';
import { trustFileIn } from '../../config/trust.ts';
import type { CreateSessionAnswer } from '../../protocol/contract/answers.ts';
import { YonderError } from '../../protocol/errors.ts';
import type { RunFlags } from '../flags/run-flags.ts';
import { buildPayloads } from '../payloads.ts';
import type { RemoteServer } from '../remote/remote-server.ts';
import { changing, looking } from '../request-context.ts';
import type { GoThrough } from '../run/go-through.ts';
import { gather, type Prepared, settle } from '../run/prepare.ts';
import { trustFor } from '../run/trust.ts';
import { STDIN, unnamedTeam } from '../team-argument.ts';

/** Another session with what this command was started with, by the requests that made the first one; `folder` is absolute. */
export async function createAnother(going: GoThrough, folder: string): Promise<CreateSessionAnswer> {
  const { backend, io, output } = going;
  const prepared = await preparedFor(going.prepared, folder, going);
  const { flags, team } = prepared;
  const input = await gather(prepared, backend, io);
  const { load } = buildPayloads(input);
  const loaded = await backend.loadTeam(looking(), load);
  const trust = await trustFor(loaded.needs_trust, {
    team,
    said: flags.trust === true,
    ask: true,
    file: trustFileIn(prepared.places.data),
    io,
    output,
  });
  const agreed = { ...input, trust };
  if (team.source.kind !== 'url') return backend.createSession(changing(), buildPayloads(agreed).create);
  const counted = await backend.loadTeam(looking(), buildPayloads(agreed).load);
  const { create } = buildPayloads({ ...agreed, teamDigest: counted.team_digest });
  return backend.createSession(changing(), create);
}

/** The same command line for another folder; a team that was found is looked for again from there. */
async function preparedFor(
  prepared: Prepared,
  folder: string,
  { io, output }: GoThrough,
): Promise<Prepared & { team: NonNullable<Prepared['team']> }> {
  const { session: _session, newSession: _new, continue: _continue, ...kept } = prepared.typed;
  const typed: RunFlags = { ...kept, workingDir: folder };
  // On a server the folder says nothing about this machine, where the team and the project's configuration are looked for.
  const workingDir = prepared.server === undefined ? folder : prepared.workingDir;
  const isNamed =
    prepared.team !== undefined &&
    (prepared.team.named || prepared.team.source.kind === 'url' || prepared.team.shown === STDIN) &&
    prepared.team.shown !== 'default';
  const team = isNamed && prepared.team !== undefined ? prepared.team : await unnamedTeam(workingDir, io);
  const settled = await settle({ ...prepared, typed, team, workingDir, io, output });
  return { ...prepared, ...settled, typed, team, workingDir };
}

/** What `/new FOLDER` means, from the folder of the session before. `invalid_request` for `~` where the home is another machine's. */
export function folderFrom(
  workingDir: string,
  home: string,
  typed: string | undefined,
  server?: RemoteServer,
): string {
  if (typed === undefined) return workingDir;
  if (server !== undefined && typed.startsWith('~'))
    throw new YonderError(
      'invalid_request',
      `/new ${typed}: the folder is on ${server.address.host}, where ~ is not known; write it absolute`,
    );
  if (typed === '~' || typed.startsWith('~/')) return resolve(home, typed.slice(2));
  return resolve(workingDir, typed);
}
