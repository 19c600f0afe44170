import type { LoadTeamRequest } from '../../protocol/contract/payloads.ts';
import type { RequestContext } from '../../protocol/context.ts';
import type { TeamWarning } from '../../protocol/team.ts';
import type { LoadedTeam } from '../../team/index.ts';
import { forbid } from './forbid.ts';

/** Whether this caller's yes to what a team would do counts: for `admin`, or where its policy says so (R4). */
export function honoursTrust({ policy, scopes }: RequestContext): boolean {
  return policy?.trust ?? scopes.includes('admin');
}

const NOT_YOURS = 'the yes of this client to what the team would do';

/** A yes that did not count is said, where it would have changed something. */
export function trustWarnings(
  context: RequestContext,
  { trust }: Pick<LoadTeamRequest, 'trust'>,
  { trusted, needsTrust }: LoadedTeam,
): TeamWarning[] {
  if (trust === undefined || trusted || needsTrust.items.length === 0 || honoursTrust(context)) return [];
  const { policy } = context;
  const message = `${NOT_YOURS} does not count: ${policy?.where ?? 'it needs the scope admin'} (trust)`;
  return [{ where: { file: 'policy', line: 1, column: 1 }, message }];
}

/** Throws `untrusted_team` where a team is held only because the yes of this caller does not count. */
export function assertTrustCounts(
  context: RequestContext,
  { trust }: Pick<LoadTeamRequest, 'trust'>,
  { trusted, needsTrust }: LoadedTeam,
): void {
  const held = needsTrust.items.filter(({ blocks }) => blocks);
  if (trust === undefined || trusted || held.length === 0 || honoursTrust(context)) return;
  const [first] = held;
  throw forbid(context.policy ?? { where: 'what holds for a token without admin' }, {
    key: 'trust',
    asked: `${NOT_YOURS} (${first?.where ?? ''}: ${first?.text ?? ''})`,
    allowed: ['a team that does nothing before it is asked'],
    code: 'untrusted_team',
  });
}
