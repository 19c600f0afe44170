import { YonderError, toYonderError } from '../../protocol/errors.ts';
import type { ResolvedAgent, ResolvedModel } from '../../protocol/team.ts';
import type { RunState } from '../fold/state.ts';
import { newId } from '../ids.ts';
import { systemOf } from './call-system.ts';
import { agentOf, conversationOf, type LoopContext } from './context.ts';
import { recordAnswer } from './record-answer.ts';
import { recordCall, type PreparedCall } from './record-call.ts';
import { fail, playedBy, warn, type Played } from './report.ts';
import { showPart } from './show-part.ts';

interface Prepared extends PreparedCall {
  model: ResolvedModel;
  attempt: number;
}

/** One model call: recorded before it is made, streamed as previews, its message and calls recorded together (R6, R22). */
export async function callModel(
  context: LoopContext,
  run: RunState,
  signal: AbortSignal,
): Promise<'done' | 'overflow'> {
  const call = await prepare(context, run);
  const { agent, message_id, turn } = call;
  const toolsets = context.toolsets(agent);
  let attempt = call.attempt;
  let failed: Played = {};
  await recordCall(context, run, call, attempt);
  try {
    const history = context.history(conversationOf(context, run));
    const stream = context.models.stream(
      {
        model: call.model,
        system: call.system,
        messages: history.messages(),
        exchanges: history.exchanges,
        tools: toolsets.flatMap((toolset) => toolset.tools.map((tool) => tool.definition)),
        loadBlob: (blob_id) => loadBlob(context, blob_id),
        attempt,
      },
      signal,
    );
    for await (const part of stream) {
      if (part.type === 'finish') {
        await recordAnswer(context, run, part, message_id, turn);
        return 'done';
      }
      if (part.type === 'attempt_failed') {
        failed = playedBy(part);
        if (!part.will_retry) continue;
        attempt = part.attempt + 1;
        await warn(context, run, `${part.error.message}; trying again in ${part.delay_ms} ms`, failed);
        failed = {};
        await recordCall(context, run, call, attempt);
      } else if (part.type === 'silent') {
        await warn(
          context,
          run,
          `the model ${call.model_name} has sent nothing for ${part.seconds} s; still waiting`,
        );
      } else {
        showPart(context, run, part, message_id, attempt);
      }
    }
    throw new YonderError('model_error', `the model ${call.model_name} ended its answer without a finish`);
  } catch (thrown) {
    if (signal.aborted) return 'done';
    const error = toYonderError(thrown, 'model_error');
    if (error.code === 'context_exceeded' && run.overflow_compactions === 0) {
      await warn(context, run, `${error.message}; summarising what came before and trying once more`, failed);
      return 'overflow';
    }
    await fail(context, run, error, failed);
    return 'done';
  }
}

async function prepare(context: LoopContext, run: RunState): Promise<Prepared> {
  const agent = agentOf(context, run);
  const model_name = run.calling?.model ?? drawModel(context, agent);
  const system = await systemOf(context, run, agent);
  return {
    agent,
    model: await context.model(model_name),
    model_name,
    message_id: run.calling?.message_id ?? newId('msg'),
    turn: run.attempts > 0 ? run.turn : run.turn + 1,
    attempt: run.attempts + 1,
    system,
  };
}

/** Several models are an alloy, drawn anew each turn; a model set for the session wins. */
function drawModel(context: LoopContext, agent: ResolvedAgent): string {
  const chosen = context.log.state.models.get(agent.name);
  if (chosen !== undefined) return chosen;
  const index = Math.floor(context.random() * agent.models.length);
  return agent.models[index] ?? (agent.models[0] as string);
}

async function loadBlob(context: LoopContext, blob_id: string): Promise<Uint8Array> {
  const blob = await context.log.store.blob(context.log.root_id, blob_id);
  if (blob === undefined) throw new YonderError('not_found', `blob ${blob_id} is not in this session`);
  return blob.bytes;
}
