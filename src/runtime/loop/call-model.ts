import type { ModelPart } from '../../model/call.ts';
import { YonderError, toYonderError, type ErrorCode } from '../../protocol/errors.ts';
import type { RunState } from '../fold/run-state.ts';
import { newId } from '../ids.ts';
import { withHooks, type HookedCall } from '../hooks/events/before-model-call.ts';
import { systemOf } from './call-system.ts';
import { choiceOf, nextModel, type Choice } from './choose-model.ts';
import { agentOf, conversationOf, event, type LoopContext } from './context.ts';
import { recordAnswer } from './record-answer.ts';
import { recordCall, type PreparedCall } from './record-call.ts';
import { fail, playedBy, warn, type Played } from './report.ts';
import { showPart } from './show-part.ts';

interface Prepared extends PreparedCall, Choice {
  /** What is sent, as hooks leave it. */
  hooked: HookedCall;
  attempt: number;
}

interface Failed {
  error: YonderError;
  played: Played;
  /** Another attempt at the same model might have done better. */
  passing: boolean;
  attempt: number;
}

/** Failures of the model or the way to it, after which another model may do. */
const OF_THE_MODEL = new Set<ErrorCode>([
  'model_error',
  'model_unavailable',
  'rate_limited',
  'context_exceeded',
  'timeout',
  'unsupported',
]);

/**
 * One model call: recorded before it is made, streamed as previews, its message and calls recorded together (R6, R22). When a model
 * fails, the agent's fallbacks are asked in turn; who is asked stands in the log, so that a cut call goes on where it was.
 */
export async function callModel(
  context: LoopContext,
  run: RunState,
  signal: AbortSignal,
): Promise<'done' | 'overflow'> {
  for (;;) {
    const call = await prepare(context, run, signal);
    if (call === undefined) return 'done';
    const failed = await askModel(context, run, call, signal);
    if (failed === undefined || signal.aborted) return 'done';
    const { error } = failed;
    if (error.code === 'context_exceeded' && run.overflow_compactions === 0) {
      const message = `${error.message}; summarising what came before and trying once more`;
      await warn(context, run, message, failed.played);
      return 'overflow';
    }
    const next = OF_THE_MODEL.has(error.code) ? nextModel(call.agent, run, call) : undefined;
    if (next === undefined) {
      await fail(context, run, error, failed.played);
      return 'done';
    }
    await recordFallback(context, run, call, failed, next);
  }
}

/** Undefined where hooks stopped the run, or it was cut while they ran. */
async function prepare(
  context: LoopContext,
  run: RunState,
  signal: AbortSignal,
): Promise<Prepared | undefined> {
  const agent = agentOf(context, run);
  const choice = choiceOf(context, run, agent);
  const system = await systemOf(context, run, agent);
  const turn = run.attempts > 0 ? run.turn : run.turn + 1;
  const hooked = await withHooks(context, run, { turn, model_name: choice.model, system, signal });
  if (hooked === undefined) return undefined;
  return {
    ...choice,
    agent,
    model_name: choice.model,
    message_id: run.calling?.message_id ?? newId('msg'),
    turn,
    attempt: run.attempts + 1,
    system,
    hooked,
    hook_context: hooked.added,
  };
}

/** Asks one model, with its retries. Undefined when its answer is recorded. */
async function askModel(
  context: LoopContext,
  run: RunState,
  call: Prepared,
  signal: AbortSignal,
): Promise<Failed | undefined> {
  const failed: Omit<Failed, 'error'> = { played: {}, passing: false, attempt: call.attempt };
  await recordCall(context, run, call, call.attempt);
  try {
    for await (const part of await open(context, run, call, signal)) {
      if (part.type === 'finish') {
        await recordAnswer(context, run, part, call.message_id, call.turn);
        return undefined;
      }
      if (part.type === 'attempt_failed') {
        failed.played = playedBy(part);
        failed.passing = part.error.passing;
        if (!part.will_retry) continue;
        failed.attempt = part.attempt + 1;
        const message = `${part.error.message}; trying again in ${part.delay_ms} ms`;
        await warn(context, run, message, failed.played);
        failed.played = {};
        await recordCall(context, run, call, failed.attempt);
      } else if (part.type === 'silent') {
        const message = `the model ${call.model_name} has sent nothing for ${part.seconds} s; still waiting`;
        await warn(context, run, message);
      } else {
        showPart(context, run, part, call.message_id, failed.attempt);
      }
    }
    throw new YonderError('model_error', `the model ${call.model_name} ended its answer without a finish`);
  } catch (thrown) {
    return { ...failed, error: toYonderError(thrown, 'model_error') };
  }
}

async function open(
  context: LoopContext,
  run: RunState,
  call: Prepared,
  signal: AbortSignal,
): Promise<AsyncIterable<ModelPart>> {
  const conversation = conversationOf(context, run);
  const retries = call.agent.fallback?.retries;
  const { inputs } = conversation;
  return context.models.stream(
    {
      model: await context.model(call.model_name),
      system: call.hooked.system,
      messages: call.hooked.messages,
      exchanges: call.hooked.exchanges,
      tools: context.toolsets(call.agent).flatMap((toolset) => toolset.tools.map((tool) => tool.definition)),
      loadBlob: (blob_id) => loadBlob(context, blob_id),
      attempt: call.attempt,
      ...(retries === undefined ? {} : { retries }),
      ...(inputs?.run_id === run.run_id ? { fresh: inputs.message_ids } : {}),
    },
    signal,
  );
}

/** Says who answers in whose place; what the failed model had shown is void by the attempt that follows (R2). */
async function recordFallback(
  context: LoopContext,
  run: RunState,
  call: Prepared,
  failed: Failed,
  next: string,
): Promise<void> {
  const { fallback } = call.agent;
  if (fallback === undefined) return;
  await context.log.append({
    events: [
      event('model_fallback', run, {
        failed_model: call.model_name,
        fallback_model: next,
        reason: failed.error.message,
        attempt: failed.attempt,
        max_attempts: (fallback.models.length + 1) * (fallback.retries + 1),
        primary_model: call.primary,
        ...(failed.passing ? {} : { cooldown_ms: fallback.cooldown_ms }),
        ...failed.played,
      }),
    ],
  });
}

async function loadBlob(context: LoopContext, blob_id: string): Promise<Uint8Array> {
  const blob = await context.log.store.blob(context.log.root_id, blob_id);
  if (blob === undefined) throw new YonderError('not_found', `blob ${blob_id} is not in this session`);
  return blob.bytes;
}
