import type { Backend } from '../../protocol/backend.ts';
import { looking } from '../request-context.ts';
import type { Prepared } from '../run/prepare.ts';
import { BUILT_IN_TEAM_NAMES } from '../../team/index.ts';
import type { ChosenTeam } from '../team-argument.ts';

/** What a team of a server may be called; anything else in the first place is a message. */
const NAME = /^[\w.-]{1,100}$/;

/**
 * The command line with the team that the server offers: where the first word, which is no team here, is the name of one, and where nothing here says
 * which team and the server offers one alone. A team of this machine that was named stays.
 */
export async function withServedTeam(
  prepared: Prepared,
  words: readonly string[],
  backend: Backend,
): Promise<Prepared> {
  const { team } = prepared;
  if (prepared.server === undefined || team === undefined) return prepared;
  const isNamed = prepared.words.length < words.length;
  const [first = ''] = prepared.words;
  const mayBeName = !isNamed && NAME.test(first);
  const isDefault = !isNamed && team.source.kind === 'builtin';
  if (!mayBeName && !isDefault) return prepared;
  const { teams } = await backend.listTeams(looking(), {});
  const served = teams.map(({ name }) => name).filter((name) => !BUILT_IN_TEAM_NAMES.includes(name));
  if (mayBeName && served.includes(first))
    return { ...prepared, team: chosen(first), words: prepared.words.slice(1) };
  const [only] = served;
  return isDefault && only !== undefined && teams.length === 1
    ? { ...prepared, team: chosen(only) }
    : prepared;
}

function chosen(name: string): ChosenTeam {
  return { source: { kind: 'served', name }, named: true, shown: name };
}
