import type { RequestContext } from './context.ts';
import { LIMITS } from './contract/contract.ts';
import { type Policy, type PolicyFile, type PolicyRules, waitOf } from './policy.ts';

export interface PolicyPlace {
  /** The folder that the server was started in, absolute. */
  folder: string;
  /** Absent: there is no file. */
  file?: PolicyFile | undefined;
}

/**
 * The policy of one caller: what holds without a file, under what the file says for everybody, under what it says for this principal. Without a file
 * `admin` may do what a local run may, but `session/shell`, in the folder that the server was started in; others run served teams.
 */
export function policyFor(
  caller: Pick<RequestContext, 'principal' | 'scopes' | 'approve_own'>,
  { folder, file }: PolicyPlace,
): Policy {
  const { principals = {}, ...common } = file ?? {};
  const own = Object.hasOwn(principals, caller.principal) ? principals[caller.principal] : undefined;
  const where = file === undefined ? 'what holds without a policy file' : 'the policy of this server';
  const base = caller.scopes.includes('admin') ? forAdmin(folder, where) : forOthers(caller, folder, where);
  return [common, own ?? {}].reduce<Policy>(joined, base);
}

function forAdmin(folder: string, where: string): Policy {
  return {
    where,
    folders: { allowed: [folder], read: [], default: folder },
    sources: { served: true, builtin: true, inline: true, url: ['*'], path: [] },
    trust: true,
    models: ['*'],
    gateways: ['*'],
    hooks: true,
    stdio_mcp: true,
    skills: [],
    private_networks: true,
    env: ['*'],
    safety: 'autonomous',
    client_allow: ['*/*'],
    permissions: { allow: [], ask: [], deny: [] },
    longest_wait_ms: undefined,
    budget: {},
    upload_bytes: LIMITS.upload_bytes,
    shell: false,
  };
}

/** Whoever may not answer its own questions may not do away with them either (R12). */
function forOthers(
  { scopes, approve_own }: Pick<RequestContext, 'scopes' | 'approve_own'>,
  folder: string,
  where: string,
): Policy {
  const judgesItself = scopes.includes('approve') && approve_own === true;
  return {
    ...forAdmin(folder, where),
    sources: { served: true, builtin: false, inline: false, url: [], path: [] },
    trust: false,
    gateways: [],
    hooks: false,
    stdio_mcp: false,
    private_networks: false,
    env: [],
    safety: judgesItself ? 'autonomous' : 'balanced',
    client_allow: judgesItself ? ['*/*'] : [],
  };
}

function joined(under: Policy, rules: PolicyRules): Policy {
  const { folders, sources, permissions, longest_wait, budget, uploads, ...plain } = defined(rules);
  const ownFolders = defined(folders ?? {});
  const first = ownFolders.allowed?.[0];
  return {
    ...under,
    ...plain,
    folders: {
      ...under.folders,
      ...(first === undefined ? {} : { default: first }),
      ...ownFolders,
    },
    sources: { ...under.sources, ...defined(sources ?? {}) },
    permissions: {
      allow: permissions?.allow ?? under.permissions.allow,
      ask: [...under.permissions.ask, ...(permissions?.ask ?? [])],
      deny: [...under.permissions.deny, ...(permissions?.deny ?? [])],
    },
    longest_wait_ms: longest_wait === undefined ? under.longest_wait_ms : waitOf(longest_wait),
    budget: { ...under.budget, ...defined(budget ?? {}) },
    upload_bytes: uploads?.max_bytes ?? under.upload_bytes,
  };
}

type Defined<Value> = { [Key in keyof Value]?: Exclude<Value[Key], undefined> };

/** Without what is there and undefined, which must not take the place of anything. */
function defined<Value extends object>(value: Value): Defined<Value> {
  return Object.fromEntries(
    Object.entries(value).filter(([, member]) => member !== undefined),
  ) as Defined<Value>;
}
