import { YonderError } from '../../protocol/errors.ts';
import type { SampleAnswer, SampleRequest } from '../../tools/tool.ts';
import type { CallState } from '../fold/call-state.ts';
import type { RunState } from '../fold/run-state.ts';
import { newId } from '../ids.ts';
import { spentBudget } from './budget.ts';
import { chooseModel } from './choose-model.ts';
import { agentOf, event, type LoopContext } from './context.ts';
import { treeTotals } from './record-answer.ts';
import { playedBy, warn } from './report.ts';

/**
 * A model call of a tool (R24): of the agent's own model, recorded before it is made and counted when it is answered, and no part of the
 * conversation. A tool that is run again asks again.
 */
export async function sample(
  context: LoopContext,
  run: RunState,
  call: CallState,
  request: SampleRequest,
  signal: AbortSignal,
): Promise<SampleAnswer> {
  const spent = spentBudget(context);
  if (spent !== undefined)
    throw new YonderError('tool_failed', `the model was not asked: ${spent.budget} is used up`);
  const name = chooseModel(context, agentOf(context, run), false).model;
  const model = await context.model(name);
  await context.log.append({
    flush: true,
    events: [
      event('model_call', run, {
        model: name,
        turn: run.turn,
        attempt: 1,
        purpose: 'sample',
        message_id: newId('msg'),
      }),
    ],
  });
  const stream = context.models.stream(
    {
      model: { ...model, max_tokens: request.max_tokens },
      system: request.system === undefined ? [] : [request.system],
      messages: request.messages.map(({ role, content }) => ({
        message_id: newId('msg'),
        role,
        content,
        created_at: '',
      })),
      tools: [],
      loadBlob: () => Promise.reject(new YonderError('not_found', 'a tool asks with text alone')),
    },
    signal,
  );
  for await (const part of stream) {
    if (part.type === 'attempt_failed') {
      const next = part.will_retry ? `; trying again in ${part.delay_ms} ms` : '';
      await warn(context, run, `${part.error.message}${next}`, playedBy(part));
    }
    if (part.type !== 'finish') continue;
    await context.log.append({
      events: [
        event('model_sample', run, {
          tool_call_id: call.call.id,
          ...playedBy(part),
          model: part.model,
          usage: part.usage,
          ...(part.cost === undefined ? {} : { cost: part.cost }),
        }),
      ],
      session: treeTotals(context, part),
    });
    return { text: part.text, model: part.model, finish_reason: part.finish_reason };
  }
  throw new YonderError('model_error', `the model ${name} ended its answer without a finish`);
}
