import {
  createSessionRequestSchema,
  type AcceptedSession,
  type CreateSessionRequest,
  type RuntimeConfig,
} from '../../protocol/contract/payloads.ts';
import { YonderError } from '../../protocol/errors.ts';
import type { SessionRow } from '../../protocol/store.ts';
import type { TeamSource } from '../../protocol/team.ts';

/** A team that a server offers by name, as it was read last. */
export interface ServedTeam {
  name: string;
  source: Extract<TeamSource, { kind: 'inline' | 'builtin' }>;
  /** What was said yes to when the server was started (R4); absent: the client is asked. */
  trust_digest: string | undefined;
  description: string;
  agents: readonly string[];
}

/** What a Host does beside its sessions when it serves others. All of it may change while it lives. */
export interface Serving {
  /** In the order in which they were named; empty: the built-in ones alone. */
  teams: readonly ServedTeam[];
  /** What every new session plays or records, unless its request names a cassette of its own. */
  cassette?: NonNullable<RuntimeConfig['cassette']>;
  /** At most so many sessions are open at once. */
  max_sessions?: number;
  /** At most so many runs go on at once; one that waits for an answer is one of them. */
  max_runs?: number;
  /** Milliseconds after which a session that nothing happens in is let go. */
  idle_ms?: number;
  /** So many sessions that nothing happens in stay open until then; the others are let go earlier. */
  max_idle?: number;
  /** Told of a session that could not be gone on with. */
  problem?(session_id: string, error: YonderError): void;
}

/** The team of that name, else `not_found` with the names that there are. */
export function servedTeam(serving: Serving | undefined, name: string): ServedTeam {
  const found = serving?.teams.find((team) => team.name === name);
  if (found !== undefined) return found;
  const names = (serving?.teams ?? []).map((team) => team.name);
  const there = names.length === 0 ? 'no teams are served here' : `there is ${names.join(', ')}`;
  throw new YonderError('not_found', `there is no served team ${name}; ${there}`, {
    details: { teams: names },
  });
}

/**
 * A request with what the server adds to it: the team where one alone is served and none is named, and the cassette of `--fake` or
 * `--record`. One that the request names itself wins, since whoever sent it wanted just that traffic.
 */
export function withServed<Request extends Pick<CreateSessionRequest, 'source' | 'runtime_config'>>(
  serving: Serving | undefined,
  request: Request,
): Request {
  if (serving === undefined) return request;
  const cassette = request.runtime_config?.cassette ?? serving.cassette;
  return {
    ...request,
    ...(request.source === undefined ? absentSource(serving) : {}),
    ...(cassette === undefined ? {} : { runtime_config: { ...request.runtime_config, cassette } }),
  };
}

/** The settings of a stored session; one that has no cassette gets the server's, since every session of such a server plays. */
export function storedSettings(
  serving: Serving | undefined,
  row: Pick<SessionRow, 'settings'>,
): AcceptedSession {
  const settings = createSessionRequestSchema.parse(row.settings);
  const cassette = settings.runtime_config?.cassette ?? serving?.cassette;
  if (cassette === undefined) return settings;
  return { ...settings, runtime_config: { ...settings.runtime_config, cassette } };
}

function absentSource({ teams }: Serving): { source?: TeamSource } {
  const [only, ...others] = teams;
  if (only === undefined) return {};
  if (others.length === 0) return { source: { kind: 'served', name: only.name } };
  const names = teams.map(({ name }) => name);
  throw new YonderError(
    'invalid_request',
    `several teams are served here; name one of ${names.join(', ')} as the source`,
    { details: { teams: names } },
  );
}
