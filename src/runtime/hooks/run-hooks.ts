import type { HookEvent } from '../../protocol/contract/hooks.ts';
import { toYonderError } from '../../protocol/errors.ts';
import type { FinishedHook, RunState } from '../fold/run-state.ts';
import { newId } from '../ids.ts';
import { agentOf, event, type LoopContext } from '../loop/context.ts';
import { loadTexts, storeTexts } from '../loop/contents.ts';
import { DEFAULT_TIMEOUT_S, timedOut } from './command-end.ts';
import { outcomeOf, resultOf } from './outcome.ts';
import type { Answer } from './output.ts';
import { GUARD_EVENTS, standingHooks } from './resolve.ts';
import { NO_HOOKS, type HookInput, type HookOutcome, type HookResult, type StandingHook } from './types.ts';

/** Answers up to so many characters stand in the event itself. */
const IN_EVENT = 64 * 1024;

/** What happened, for the hooks of an event. */
export interface Moment {
  event: HookEvent;
  /** What of this event it is about, unique in the run and the same after a restart: a call's id, a turn's number ... */
  subject: string;
  /** The event's own fields. */
  input: Readonly<Record<string, unknown>>;
  /** The tool's name, for matchers. */
  tool?: string;
  tool_call_id?: string;
  signal: AbortSignal;
}

/** The hooks that stand for an event now; for one that is about a tool, those whose matcher takes its name. */
export function hooksFor(
  context: LoopContext,
  run: RunState,
  name: HookEvent,
  tool?: string,
): readonly StandingHook[] {
  const hooks = standingHooks(context, run, name);
  return tool === undefined ? hooks : hooks.filter((hook) => hook.matches(tool));
}

/**
 * Runs the hooks of an event at once and joins what they say in configuration order. What the log has is not run again (R14). Rejects when the
 * signal aborts; everything else that a hook does is in the outcome.
 */
export async function runHooks(context: LoopContext, run: RunState, moment: Moment): Promise<HookOutcome> {
  const hooks = hooksFor(context, run, moment.event, moment.tool);
  if (hooks.length === 0) return NO_HOOKS;
  const settled = await Promise.allSettled(hooks.map((hook) => runHook(context, run, hook, moment)));
  return outcomeOf(
    settled.map((result) => {
      if (result.status === 'rejected') throw result.reason;
      return result.value;
    }),
  );
}

/** One run of one hook, from the log where it has finished: a guard that was cut runs again, an observer does not (R14). */
export async function runHook(
  context: LoopContext,
  run: RunState,
  hook: StandingHook,
  moment: Moment,
): Promise<HookResult> {
  const hook_key = `${hook.event}/${moment.subject}/${hook.id}`;
  const known = run.hooks.get(hook_key);
  if (known?.finished !== undefined) return resultOf(hook, await outputOf(context, known.finished));
  moment.signal.throwIfAborted();
  const about = {
    hook_event: hook.event,
    hook: hook.source,
    hook_key,
    invocation_id: known?.invocation_id ?? newId('hook'),
    attempt: (known?.attempt ?? 0) + 1,
    ...(moment.tool_call_id === undefined ? {} : { tool_call_id: moment.tool_call_id }),
  };
  if (known !== undefined && !mayRunAgain(hook)) {
    const failure = 'it was cut off with the process that ran it, and is not run again';
    return finished(context, run, hook, { ...about, attempt: known.attempt }, { output: {}, failure }, 0);
  }
  await context.log.append({
    step_id: `${run.run_id}/${hook_key}/${about.attempt}`,
    flush: hook.definition.type !== 'builtin' || hook.definition.command === 'http_post',
    events: [event('hook_started', run, about)],
  });
  const begun = performance.now();
  const answer = await act(context, run, hook, moment, about);
  moment.signal.throwIfAborted();
  return finished(context, run, hook, about, answer, Math.round(performance.now() - begun));
}

/** Events at which a hook may say no: what it never came to say is asked again (R14). */
const JUDGING: ReadonlySet<HookEvent> = new Set([
  ...GUARD_EVENTS,
  'user_prompt_submit',
  'before_llm_call',
  'pre_compact',
  'before_compaction',
]);

/** A cut hook is run again where it judges, or only looks: a built-in other than `http_post` has no effect outside. */
function mayRunAgain({ event: name, definition }: StandingHook): boolean {
  const { type, command } = definition;
  return JUDGING.has(name) || (type === 'builtin' && command !== 'http_post');
}

interface About {
  hook_event: HookEvent;
  hook: string;
  hook_key: string;
  invocation_id: string;
  attempt: number;
}

/** What runs commands, loaded with the first hook that is one and then at hand. */
let commands: ReturnType<typeof loadCommands> | undefined;

async function loadCommands() {
  const [{ runCommand }, { answerOf }] = await Promise.all([import('./command.ts'), import('./output.ts')]);
  return { runCommand, answerOf };
}

async function act(
  context: LoopContext,
  run: RunState,
  hook: StandingHook,
  moment: Moment,
  { invocation_id, attempt }: About,
): Promise<Answer> {
  const input: HookInput = {
    session_id: run.session_id,
    cwd: context.working_dir,
    hook_event_name: hook.event,
    agent_name: run.agent_name,
    model_id: modelOf(context, run),
    invocation_id,
    attempt,
    ...moment.input,
  };
  if (hook.definition.type === 'builtin') return actBuiltin(context, run, hook, moment, input);
  const { runCommand, answerOf } = await (commands ??= loadCommands());
  const tag = `${invocation_id}-${attempt}`;
  const end = await runCommand(context, hook, {
    text: `${JSON.stringify(input)}\n`,
    tag,
    signal: moment.signal,
  });
  return answerOf(end, hook.event);
}

async function actBuiltin(
  context: LoopContext,
  run: RunState,
  hook: StandingHook,
  moment: Moment,
  input: HookInput,
): Promise<Answer> {
  const { timeout = DEFAULT_TIMEOUT_S } = hook.definition;
  const [{ runBuiltin }, { checkAnswer }] = await Promise.all([
    import('./builtin/run-builtin.ts'),
    import('./output.ts'),
  ]);
  const time = AbortSignal.timeout(timeout * 1000);
  const signal = AbortSignal.any([moment.signal, time]);
  try {
    return checkAnswer(await runBuiltin(input, { context, run, hook, signal }), GUARD_EVENTS.has(hook.event));
  } catch (thrown) {
    moment.signal.throwIfAborted();
    const failure = time.aborted ? timedOut(timeout * 1000) : toYonderError(thrown, 'tool_failed').message;
    return { output: {}, failure, fatal: true };
  }
}

function modelOf(context: LoopContext, run: RunState): string {
  const agent = agentOf(context, run);
  const names = [context.log.state.models.get(agent.name) ?? agent.models].flat();
  return names
    .map((name) => {
      const model = context.team.models[name];
      return model === undefined ? name : `${model.provider}/${model.model}`;
    })
    .join(',');
}

/** Records how it ended, says what a person is to know, and reads it back: the same as after a restart. */
async function finished(
  context: LoopContext,
  run: RunState,
  hook: StandingHook,
  about: About,
  answer: Answer,
  duration_ms: number,
): Promise<HookResult> {
  const text = context.log.clean(JSON.stringify(answer.output));
  const [output_digest] = text.length > IN_EVENT ? await storeTexts(context.log, [text]) : [];
  const output = JSON.parse(text) as Record<string, unknown>;
  const result = resultOf(hook, {
    output,
    failure: answer.failure,
    fatal: answer.fatal === true,
  });
  const words = result.blocked ?? result.output.reason;
  const shown = result.blocked !== undefined || result.output.suppress_output !== true;
  await context.log.append({
    step_id: `${run.run_id}/${about.hook_key}/${about.attempt}/end`,
    events: [
      event('hook_finished', run, {
        ...about,
        duration_ms,
        allowed: result.blocked === undefined,
        ...(answer.failure === undefined ? {} : { error: answer.failure }),
        ...(answer.fatal === true ? { fatal: true } : {}),
        ...(words === undefined || !shown ? {} : { message: words }),
        ...(output_digest === undefined ? (text === '{}' ? {} : { output }) : { output_digest }),
      }),
      ...warningsOf(result).map((message) => event('warning', run, { message })),
    ],
  });
  return result;
}

function warningsOf({ hook, output, failure }: HookResult): string[] {
  const { on_error = 'warn' } = hook.definition;
  const said = output.suppress_output === true ? undefined : output.system_message;
  return [
    ...(failure === undefined || on_error === 'ignore'
      ? []
      : [`the ${hook.event} hook ${hook.source}: ${failure}`]),
    ...(said === undefined || said === '' ? [] : [`the hook ${hook.source} says: ${said}`]),
  ];
}

async function outputOf(
  context: LoopContext,
  { output, output_digest, failure, fatal }: FinishedHook,
): Promise<{ output: Readonly<Record<string, unknown>>; failure: string | undefined; fatal: boolean }> {
  if (output_digest === undefined) return { output, failure, fatal };
  const [text] = (await loadTexts(context.log, [output_digest])) ?? [];
  // Lost with the power: nobody knows what it said.
  if (text === undefined) return { output: {}, failure: 'its answer is lost', fatal: true };
  return { output: JSON.parse(text) as Record<string, unknown>, failure, fatal };
}
