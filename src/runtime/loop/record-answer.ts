import type { FinishPart } from '../../model/call.ts';
import { contextTokens } from '../../model/usage.ts';
import type { Message, ToolCall } from '../../protocol/message.ts';
import type { EventDraft } from '../../protocol/store.ts';
import type { RunState } from '../fold/run-state.ts';
import { agentOf, conversationOf, event, type LoopContext } from './context.ts';
import { playedBy } from './report.ts';

/** Records the message, its calls and what it cost, together. */
export async function recordAnswer(
  context: LoopContext,
  run: RunState,
  part: FinishPart,
  message_id: string,
  turn: number,
): Promise<void> {
  const message: Message = {
    message_id,
    role: 'assistant',
    content: part.text,
    agent_name: run.agent_name,
    ...(part.reasoning.length === 0 ? {} : { reasoning: part.reasoning }),
    ...(part.provider_metadata === undefined ? {} : { provider_metadata: part.provider_metadata }),
    ...(part.tool_calls.length === 0 ? {} : { tool_calls: part.tool_calls }),
    model: part.model,
    usage: part.usage,
    ...(part.cost === undefined ? {} : { cost: part.cost }),
    finish_reason: part.finish_reason,
    created_at: context.now().toISOString(),
  };
  const totals = treeTotals(context, part);
  await context.log.append({
    step_id: `${run.run_id}/${turn}/answer`,
    events: [
      event('message_added', run, { message, ...playedBy(part) }),
      ...part.tool_calls.map((call, index) => callEvent(context, run, call, index, turn)),
      usageEvent(context, run, part),
    ],
    session: { ...totals, num_messages: messageCount(context) + 1 },
  });
}

function callEvent(
  context: LoopContext,
  run: RunState,
  call: ToolCall,
  index: number,
  turn: number,
): EventDraft {
  const tool = context
    .toolsets(agentOf(context, run))
    .flatMap((toolset) => toolset.tools)
    .find((candidate) => candidate.definition.name === call.function.name);
  return event('tool_call', run, {
    tool_call: call,
    ...(tool === undefined
      ? {}
      : { tool_definition: { name: tool.definition.name, category: tool.definition.category } }),
    index,
    turn,
  });
}

function usageEvent(context: LoopContext, run: RunState, part: FinishPart): EventDraft {
  const { usage } = conversationOf(context, run);
  const { usage: last } = part;
  const context_length = contextTokens(last);
  return event('token_usage', run, {
    usage: {
      input_tokens: usage.input_tokens + last.input_tokens,
      output_tokens: usage.output_tokens + last.output_tokens,
      context_length,
      context_limit: part.context_limit ?? 0,
      cost: usage.cost + (part.cost ?? 0),
      last_message: {
        ...last,
        ...(part.cost === undefined ? {} : { Cost: part.cost }),
        price_known: part.price_known,
        Model: part.model,
        finish_reason: part.finish_reason,
      },
    },
  });
}

/** What the tree has used, one more call included. */
export function treeTotals(
  context: Pick<LoopContext, 'log'>,
  part: Pick<FinishPart, 'usage' | 'cost'>,
): { input_tokens: number; output_tokens: number; cost: number } {
  const totals = {
    input_tokens: part.usage.input_tokens,
    output_tokens: part.usage.output_tokens,
    cost: part.cost ?? 0,
  };
  for (const { usage } of context.log.state.conversations.values()) {
    totals.input_tokens += usage.input_tokens;
    totals.output_tokens += usage.output_tokens;
    totals.cost += usage.cost;
  }
  return totals;
}

function messageCount(context: LoopContext): number {
  return context.log.state.conversations.get(context.log.root_id)?.messages.length ?? 0;
}
