import { expect } from 'vitest';
import type { Backend, Runtime } from '../../protocol/backend.ts';
import type { CreateSessionRequest } from '../../protocol/contract/payloads.ts';
import type { RequestContext, Scope } from '../../protocol/context.ts';
import { YonderError } from '../../protocol/errors.ts';
import type { PolicyFile, PolicyRules } from '../../protocol/policy.ts';
import { policyFor } from '../../protocol/policy-for.ts';
import { INLINE, teamOf } from './support.ts';
import type { World } from './world.ts';

/** Somebody with a policy, and the place where it holds. */
export interface Asker {
  world: World;
  backend: Backend;
  context: RequestContext;
  folder: string;
  /** A session of an inline team, trusted; `working_dir` is the world's folder unless the request says otherwise. */
  create(request?: CreateSessionRequest, team?: string): Promise<Runtime>;
}

/** One line of the table: under these rules this is asked, and this is what comes of it. */
export interface PolicyCase {
  rules?: PolicyRules;
  scopes?: readonly Scope[];
  /** What there is before, under other rules. */
  given?: (asker: Asker) => Promise<Runtime>;
  givenRules?: PolicyRules;
  ask: (asker: Asker, runtime: Runtime) => Promise<unknown>;
  /** The policy's key that a refusal names, with its code where that is not `forbidden`; absent: it is allowed. */
  refusedBy?: string;
  /** Another error, which is not the policy's. */
  fails?: string;
}

/** What the cases stand on: a file that allows what it says nothing of. */
export const OPEN: PolicyRules = {
  sources: { inline: true, builtin: true },
  trust: true,
  env: ['*'],
  hooks: true,
  stdio_mcp: true,
  private_networks: true,
  safety: 'autonomous',
  client_allow: ['*/*'],
};

const SCOPES: readonly Scope[] = ['read', 'run', 'approve'];

/** Who asks under these rules; a name of its own each time. */
export function asker(
  world: World,
  rules: PolicyRules = {},
  options: { principal?: string; scopes?: readonly Scope[]; approve_own?: boolean; file?: PolicyFile } = {},
): Asker {
  const { principal = 'carol', scopes = SCOPES, approve_own = true } = options;
  const file: PolicyFile = options.file ?? { ...OPEN, ...rules };
  const policy = policyFor({ principal, scopes, approve_own }, { folder: world.folder, file });
  const { backend, context } = world.as(principal, scopes, { policy, approve_own });
  const create = async (request: CreateSessionRequest = {}, team = TEAM): Promise<Runtime> => {
    const source = INLINE(team);
    const { needs_trust } = await world.backend.loadTeam(world.context, { source });
    const created = await backend.createSession(context, {
      source,
      ...(needs_trust === undefined ? {} : { trust: { digest: needs_trust.digest } }),
      working_dir: world.folder,
      unattended: 'refuse',
      ...request,
    });
    return backend.session(created.session_id);
  };
  return { world, backend, context, folder: world.folder, create };
}

/** The team of a case that says nothing of teams. */
export const TEAM = teamOf(['shell', 'filesystem', 'think']);

/** Goes through a table, and says of all lines at once what came of them. A refusal leaves everything as it was. */
export async function runCases(world: World, cases: Readonly<Record<string, PolicyCase>>): Promise<void> {
  const found: Record<string, string> = {};
  const wanted: Record<string, string> = {};
  let count = 0;
  for (const [title, line] of Object.entries(cases)) {
    count += 1;
    const who = { principal: `p${count}`, scopes: line.scopes ?? SCOPES };
    const before = asker(world, line.givenRules ?? line.rules, who);
    // A line without a session before it asks none.
    const given = line.given === undefined ? 'none' : (await line.given(before)).session_id;
    const now = asker(world, line.rules, who);
    const runtime = now.backend.session(given);
    const seen = await stateOf(now);
    wanted[title] = line.refusedBy ?? line.fails ?? 'allowed';
    found[title] = await outcome(() => line.ask(now, runtime));
    if (line.refusedBy !== undefined && (await stateOf(now)) !== seen)
      found[title] += ', and it left something';
  }
  expect(found).toEqual(wanted);
}

interface Refused {
  policy_key?: string;
  asked?: string;
  allowed?: string[];
}

async function outcome(ask: () => Promise<unknown>): Promise<string> {
  try {
    await ask();
    return 'allowed';
  } catch (thrown) {
    if (!(thrown instanceof YonderError)) throw thrown;
    const { policy_key, asked = '', allowed = [] } = (thrown.details ?? {}) as Refused;
    if (policy_key === undefined) return thrown.code;
    const missing = [asked, policy_key, ...allowed].filter((name) => !thrown.message.includes(name));
    if (missing.length > 0) return `does not name ${missing.join(', ')}: ${thrown.message}`;
    return thrown.code === 'forbidden' ? policy_key : `${thrown.code} ${policy_key}`;
  }
}

/** Everything that this principal has: its sessions, each with how long its log is. */
async function stateOf({ backend, context }: Asker): Promise<string> {
  const { sessions } = await backend.listSessions(context, {});
  return JSON.stringify(sessions.map(({ session_id, as_of }) => [session_id, as_of]));
}
