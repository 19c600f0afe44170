import { relative } from 'node:path';
import { canonicalJson } from '../../protocol/canonical-json.ts';
import { toYonderError, YonderError } from '../../protocol/errors.ts';
import type { PermissionLayer, PermissionRules } from '../../protocol/permissions.ts';
import type { EventDraft } from '../../protocol/store.ts';
import { sha256 } from '../../process/digest.ts';
import { identityOf } from '../../tools/identity.ts';
import type { Tool } from '../../tools/tool.ts';
import { decide } from '../decisions/fold.ts';
import { ruleOffers } from '../decisions/offers.ts';
import type { Approval, CallPath, Decision, DecisionInput, Layer } from '../decisions/types.ts';
import type { CallState } from '../fold/call-state.ts';
import type { RunState } from '../fold/run-state.ts';
import { newId } from '../ids.ts';
import { isWithinBounds } from '../policy/rules.ts';
import { isOfHook, judgeWithHooks, type Judged } from '../hooks/judge-call.ts';
import { allHooks } from '../hooks/resolve.ts';
import { scriptPaths } from '../hooks/scripts.ts';
import { agentOf, event, type LoopContext } from './context.ts';
import { outsideSkill } from '../skills/narrow.ts';
import { skillFolderNames } from '../skills/governing.ts';
import { safetyOf } from './safety.ts';
import { effectOfLine, shellLineOf } from './shell-call.ts';

export type Verdict =
  | { kind: 'allow'; events: EventDraft[] }
  | { kind: 'ask'; events: EventDraft[] }
  | { kind: 'result'; outcome: 'denied' | 'refused' | 'invalid'; output: string; events: EventDraft[] };

/** The only way to a tool: every verdict collected and folded, and said in an event with its source (DESIGN.md section 6). */
export async function judge(
  context: LoopContext,
  run: RunState,
  call: CallState,
  tool: Tool,
  asked: Record<string, unknown>,
  signal: AbortSignal,
): Promise<Verdict> {
  const read = (of: Record<string, unknown>) => decisionInput(context, run, tool, of);
  const guarded = await judgeWithHooks({ context, run, call, tool, signal, read }, asked);
  if ('refusal' in guarded)
    return { kind: 'result', outcome: 'invalid', output: guarded.refusal, events: [] };
  const { decision, args, blocked } = guarded;
  const said = [decisionEvent(run, call, decision, guarded.isRewritten ? args : undefined), ...blocked];
  if (decision.decision === 'allow') return { kind: 'allow', events: said };
  if (decision.decision === 'deny') {
    return { kind: 'result', outcome: 'denied', output: deniedText(decision), events: said };
  }
  if (decision.unattended === 'refuse') {
    return { kind: 'result', outcome: 'refused', output: refusedText(decision), events: said };
  }
  return { kind: 'ask', events: [...said, await question(context, run, call, tool, args, guarded)] };
}

/** Deny rules are always evaluated afresh, after a yes too (R14); the words of the refusal, or undefined. */
export async function refusedAfresh(
  context: LoopContext,
  run: RunState,
  call: CallState,
  tool: Tool,
  args: Record<string, unknown>,
): Promise<string | undefined> {
  if (call.arguments_digest !== undefined && call.arguments_digest !== digestOf(args)) {
    return 'The call is not the one that was approved; it was not made.';
  }
  const input = await decisionInput(context, run, tool, args);
  if ('refusal' in input) return input.refusal;
  const decision = decide(input);
  return decision.decision === 'deny' ? deniedText(decision) : undefined;
}

/** Throws `forbidden` where a deny rule speaks of a URL that the call was led to: a redirect is no way round a rule (R8). */
export async function refuseDeniedHop(
  context: LoopContext,
  run: RunState,
  tool: Tool,
  args: Record<string, unknown>,
  url: URL,
): Promise<void> {
  const input = await decisionInput(context, run, tool, { ...args, urls: [url.href] });
  if ('refusal' in input) throw new YonderError('forbidden', input.refusal);
  const decision = decide(input);
  if (decision.decision === 'deny' && decision.source === 'deny_rule')
    throw new YonderError('forbidden', `${url.href}: ${deniedText(decision)}`);
}

async function decisionInput(
  context: LoopContext,
  run: RunState,
  tool: Tool,
  args: Record<string, unknown>,
): Promise<DecisionInput | { refusal: string }> {
  const agent = agentOf(context, run);
  const outside = await outsideSkill(context, run, tool, args);
  if (outside !== undefined) return { refusal: outside };
  const access = tool.access(args);
  const paths: CallPath[] = [];
  for (const { path, use } of access.paths) {
    try {
      const workspace = await context.workspace();
      const resolved = await workspace.resolve(path, use);
      paths.push({ path: resolved.relative ?? resolved.path, use, inside: true });
    } catch (thrown) {
      return { refusal: toYonderError(thrown, 'tool_failed').message };
    }
  }
  if (access.shell?.cwd !== undefined) {
    try {
      await (await context.workspace()).resolve(access.shell.cwd, 'cwd');
    } catch (thrown) {
      return { refusal: toYonderError(thrown, 'tool_failed').message };
    }
  }
  const shell = access.shell === undefined ? undefined : await shellLineOf(access.shell.line);
  const effect =
    shell === undefined
      ? tool.effect
      : await effectOfLine(shell, access.shell?.cwd, await context.workspace());
  const { delegate } = access;
  // To itself, by a skill; or to one of its own.
  const delegates =
    delegate !== undefined && (delegate === agent.name || agent.sub_agents.includes(delegate));
  return {
    call: {
      toolset: tool.toolset,
      tool: tool.own_name ?? tool.definition.name,
      builtin: tool.builtin ?? true,
      ...(tool.digest === undefined ? {} : { digest: tool.digest }),
      effect,
      args,
      paths,
      network: access.network === true,
      ...(shell === undefined ? {} : { shell }),
      ...(delegates ? { delegateSameTeam: true } : {}),
    },
    layers: layersOf(context),
    approvals: approvalsOf(context, tool),
    mode: safetyOf(context, agent, run.session_id),
    acceptEdits: context.log.state.accept_edits,
    unattended: run.unattended ?? 'wait',
    governing: governingFiles(context),
    workspace: context.working_dir,
    ...boundAllows(context),
  };
}

/** What answers allowed; of a tool that is not what it was, only what was said of it since (R16). */
function approvalsOf({ log: { state } }: LoopContext, tool: Tool): Approval[] {
  const approvals = state.rules.allow.map((rule) => {
    const digest = state.rule_digests.get(rule);
    return { rule, ...(digest === undefined ? {} : { digest }) };
  });
  const isChanged = state.changed_tools.has(identityOf(tool));
  return isChanged
    ? approvals.filter(({ digest }) => digest !== undefined && digest === tool.digest)
    : approvals;
}

/** The rule layers of a session, strongest first. */
export function layersOf(context: Pick<LoopContext, 'settings' | 'team' | 'log'>): Layer[] {
  const { settings, team, log } = context;
  const session = rulesOf(settings.permissions);
  const { permissions } = log.state.bounds;
  return [
    ...(permissions === undefined ? [] : [{ name: 'policy' as const, trusted: true, rules: permissions }]),
    {
      name: 'session',
      trusted: true,
      rules: {
        allow: session.allow,
        ask: [...session.ask, ...log.state.rules.ask],
        deny: [...session.deny, ...log.state.rules.deny],
      },
    },
    { name: 'user', trusted: true, rules: rulesOf(settings.user_permissions) },
    {
      name: 'project',
      trusted: settings.project_trusted === true,
      rules: rulesOf(settings.project_permissions),
    },
    { name: 'team', trusted: team.trusted, rules: team.permissions },
  ];
}

/** Allow rules of clients count within what the policy names; those of a team that the server serves are its operator's (R8). */
function boundAllows({ log, settings }: LoopContext): Pick<DecisionInput, 'clientAllow'> {
  const { client_allow: rules } = log.state.bounds;
  if (rules === undefined) return {};
  const isClients = settings.source?.kind !== 'served' && settings.source?.kind !== 'builtin';
  const layers: PermissionLayer[] = ['session', 'user', 'project', ...(isClients ? ['team' as const] : [])];
  return { clientAllow: { rules, layers } };
}

function rulesOf(rules: Partial<PermissionRules> | undefined): PermissionRules {
  return { allow: rules?.allow ?? [], ask: rules?.ask ?? [], deny: rules?.deny ?? [] };
}

/** R13: what this session reads its orders from, and Yonder's own folders, as paths are judged: relative inside the workspace. */
function governingFiles(context: LoopContext): string[] {
  const scripts = allHooks(context).flatMap((hook) => scriptPaths(hook, context));
  const { source } = context.settings;
  const files = context.team.agents.flatMap((agent) => agent.add_prompt_files);
  const own = context.own_folders.map((folder) => {
    const inside = relative(context.working_dir, folder);
    return inside === '' || inside.startsWith('..') ? folder : inside;
  });
  return [
    ...(source?.kind === 'inline' ? [source.entry] : []),
    ...files,
    ...scripts,
    ...skillFolderNames(context),
    ...own,
  ];
}

function decisionEvent(
  run: RunState,
  call: CallState,
  decision: Decision,
  rewritten: Record<string, unknown> | undefined,
): EventDraft {
  return event('tool_call_decision', run, {
    tool_call_id: call.call.id,
    decision: decision.decision,
    source: decision.source,
    ...(call.source === undefined ? {} : { call_source: call.source }),
    ...(decision.rule === undefined ? {} : { rule: decision.rule }),
    ...(decision.layer === undefined ? {} : { layer: decision.layer }),
    reason: decision.reason,
    ...(rewritten === undefined ? {} : { arguments: JSON.stringify(rewritten) }),
  });
}

async function question(
  context: LoopContext,
  run: RunState,
  call: CallState,
  tool: Tool,
  args: Record<string, unknown>,
  { input, decision, isRewritten }: Judged,
): Promise<EventDraft> {
  const preview = await previewOf(context, tool, args);
  const { name, category, description } = tool.definition;
  return event('tool_call_confirmation', run, {
    // What would run, not what the model wrote.
    tool_call: {
      ...call.call,
      function: { ...call.call.function, arguments: argumentsText(call, args, isRewritten) },
    },
    tool_definition: { name, category, description },
    request_id: newId('req'),
    held_by: tool.held_by ?? 'step',
    ...(tool.digest === undefined ? {} : { tool_identity: identityOf(tool), definition_digest: tool.digest }),
    rule_offers: ruleOffers(input).filter(({ rule }) =>
      isWithinBounds(context.log.state.bounds.client_allow, rule),
    ),
    ...(preview === undefined ? {} : { preview }),
    ...(input.call.shell === undefined
      ? {}
      : {
          commands: input.call.shell.commands.map((command) =>
            command.words.map((word) => word.text).join(' '),
          ),
        }),
    reason: decision.reason,
    required: decision.required,
    arguments_digest: digestOf(args),
  });
}

async function previewOf(
  context: LoopContext,
  tool: Tool,
  args: Record<string, unknown>,
): Promise<string | undefined> {
  if (tool.preview === undefined) return undefined;
  try {
    const text = await tool.preview(args, {
      workspace: await context.workspace(),
      signal: AbortSignal.timeout(10_000),
    });
    return text === undefined || text.length <= 64 * 1024 ? text : `${text.slice(0, 64 * 1024)}\n(cut)`;
  } catch (thrown) {
    return `(no preview: ${toYonderError(thrown, 'tool_failed').message})`;
  }
}

function argumentsText({ call }: CallState, args: Record<string, unknown>, isRewritten: boolean): string {
  return isRewritten ? JSON.stringify(args) : call.function.arguments;
}

function digestOf(args: Record<string, unknown>): string {
  return sha256(canonicalJson(args));
}

function deniedText(decision: Decision): string {
  if (isOfHook(decision))
    return `Denied by the hook ${decision.rule ?? ''}: ${decision.reason}. Do not try to reach the same by another way; go on without it or say what you need.`;
  const by =
    decision.rule === undefined
      ? ''
      : ` by the rule "${decision.rule}"${decision.layer === undefined ? '' : ` (${decision.layer})`}`;
  return `Denied${by}: ${decision.reason}. Do not try to reach the same by another way; go on without it or say what you need.`;
}

function refusedText(decision: Decision): string {
  const rule = decision.wouldAllow?.rule;
  const how = rule === undefined ? '' : ` The rule "${rule}" would allow it (--allow '${rule}').`;
  return `Refused: this needs a yes, and nobody is there to give it (${decision.reason}).${how}`;
}
