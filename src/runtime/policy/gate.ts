import { LIMITS, type AcceptedOf, type OperationName } from '../../protocol/contract/contract.ts';
import type { RequestContext } from '../../protocol/context.ts';
import { YonderError } from '../../protocol/errors.ts';
import type { Policy } from '../../protocol/policy.ts';
import type { Host } from '../host/host.ts';
import { modelByName } from '../host/model-by-name.ts';
import type { BuiltName } from '../host/operations/handlers.ts';
import { newId } from '../ids.ts';
import { changedBounds } from './bounds.ts';
import { forbid } from './forbid.ts';
import { checkOpenSession } from './open-session.ts';
import { checkIterations, checkSafety } from './request.ts';
import { checkAllowRules } from './rules.ts';
import { checkModel } from './team.ts';

interface Asked<Request> {
  host: Host;
  context: RequestContext;
  policy: Policy;
  request: Request;
  bytes: Uint8Array;
}

/** `free`: no policy speaks of it. `handler`: judged where what it is about is known, by the handler. */
type Gate<Name extends OperationName> =
  | 'free'
  | 'handler'
  | ((asked: Asked<AcceptedOf<Name>>) => void | Promise<void>);

/** Whatever starts work in a session, or takes it further: the session must be one that this caller could still have. */
async function goesOn({ host, context, policy, request }: Asked<{ session_id: string }>): Promise<void> {
  await checkOpenSession(policy, await host.open(await host.row(context, request.session_id)));
}

/** What a policy says of each operation; one without a line does not compile. */
const GATES: { [Name in BuiltName]: Gate<Name> } = {
  capabilities: 'free',
  'team/list': 'handler',
  'team/load': 'handler',
  'session/create': 'handler',
  'session/list': 'free',
  'session/search': 'free',
  'session/delete': 'free',
  'session/open': 'free',
  'session/transcript': 'free',
  'session/events': 'free',
  'session/agent_info': 'free',
  'session/tools': 'free',
  'session/toolsets': 'free',
  'session/models': 'free',
  'session/commands': 'free',
  'session/prompts': 'free',
  'session/toolset_restart': goesOn,
  'session/skills': 'free',
  'session/permissions': 'free',
  'session/queue': 'free',
  'session/usage': 'free',
  'session/cassette': 'free',
  blob: 'free',
  'session/snapshots': 'free',
  'session/export': 'free',
  'session/interrupt': 'free',
  'session/pause': 'free',
  'session/title': 'free',
  'session/star': 'free',
  'session/answer': 'handler',
  'session/claim': 'handler',
  'mcp/list': 'handler',
  'mcp/login': 'handler',
  'mcp/finish': 'free',
  'mcp/logout': 'handler',
  'session/regenerate_title': goesOn,
  'session/steer': goesOn,
  'session/follow_up': goesOn,
  'session/compact': goesOn,
  'session/command': goesOn,
  'session/prompt': goesOn,
  'session/skill': goesOn,
  'session/agent': goesOn,
  'session/fork': goesOn,
  'session/undo': goesOn,
  'session/reset': goesOn,
  'session/run': async (asked) => {
    checkIterations(asked.policy, asked.request.max_iterations);
    await goesOn(asked);
  },
  'session/set_model': async (asked) => {
    await goesOn(asked);
    if (asked.request.model === '') return;
    const session = await asked.host.open(await asked.host.row(asked.context, asked.request.session_id));
    checkModel(asked.policy, modelByName(session.team, asked.request.model));
  },
  'session/set_safety': ({ policy, request }) => checkSafety(policy, request.safety),
  'session/set_permissions': ({ policy, request }) => checkAllowRules(policy, request.permissions),
  'session/shell': async (asked) => {
    if (!asked.policy.shell) {
      throw forbid(asked.policy, {
        key: 'shell',
        asked: `the command "${asked.request.command}"`,
        allowed: ['what the agents do'],
      });
    }
    await goesOn(asked);
  },
  'upload/create': ({ policy, bytes }) => {
    if (bytes.byteLength <= policy.upload_bytes) return;
    throw forbid(policy, {
      key: 'uploads.max_bytes',
      asked: `an upload of ${bytes.byteLength} bytes`,
      allowed: [`at most ${policy.upload_bytes} bytes`],
      code: 'payload_too_large',
    });
  },
  'host/models': 'handler',
  'host/doctor': 'free',
  'run/list': 'free',
  'run/follow': 'free',
};

interface Call {
  name: BuiltName;
  /** As its schema let it through. */
  request: unknown;
  bytes: Uint8Array;
  /** It takes an idempotency key. */
  changes: boolean;
}

/** Operations on a session that change nothing of how it goes on, or end it. */
const LEAVES_BOUNDS: ReadonlySet<OperationName> = new Set(['session/interrupt', 'session/star']);

/**
 * The gate of every caller into a Host, in process or behind a server (R10): before any effect the policy is asked, and what of it binds the session is
 * put on record by its owner's request. Throws `forbidden` and its kin.
 */
export async function passGate(
  host: Host,
  context: RequestContext,
  { name, request, bytes, changes }: Call,
): Promise<void> {
  const { policy } = context;
  const gate = GATES[name];
  // The request has passed the schema of this very operation.
  if (policy !== undefined && typeof gate === 'function')
    await (gate as (asked: Asked<never>) => void | Promise<void>)({
      host,
      context,
      policy,
      request: request as never,
      bytes,
    });
  if (!changes || LEAVES_BOUNDS.has(name)) return;
  const { session_id } = request as { session_id?: string };
  if (session_id !== undefined && name !== 'session/delete' && name !== 'session/create')
    await recordBounds(host, context, session_id);
}

/** A session is bound by the policy of its owner, as it was at the owner's last request: over restarts, and whoever sends it something (R22). */
async function recordBounds(host: Host, context: RequestContext, reference: string): Promise<void> {
  const row = await host.row(context, reference);
  if (row.principal !== context.principal) return;
  const session = await host.open(row);
  const bounds = changedBounds(session.log.state.bounds, context.policy);
  if (bounds === undefined) return;
  await host.store.sendInput({
    input_id: newId('inp'),
    root_id: row.session_id,
    session_id: row.session_id,
    kind: 'settings',
    payload: { policy: bounds },
    by: context.principal,
    created_at: host.options.now().toISOString(),
  });
  session.wake();
}

/** The largest upload of this caller; bytes. */
export function uploadLimit({ policy }: RequestContext): number {
  return policy?.upload_bytes ?? LIMITS.upload_bytes;
}

/** `approve` is not part of `run`: whoever started a run does not judge it, unless its token says so (R12). */
export function checkOwnAnswer(
  { principal, scopes, approve_own }: RequestContext,
  startedBy: string | undefined,
): void {
  if (startedBy !== principal || scopes.includes('admin') || approve_own === true) return;
  throw new YonderError(
    'forbidden',
    `${principal} started this run and cannot answer its questions (approve_own): somebody else with the scope approve can, or a token that says approve_own`,
    { details: { policy_key: 'approve_own', asked: 'an answer to a question of its own run', allowed: [] } },
  );
}
