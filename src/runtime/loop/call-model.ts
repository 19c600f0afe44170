import type { FinishPart, ModelPart } from '../../model/call.ts';
import { contextTokens } from '../../model/usage.ts';
import { YonderError, toYonderError } from '../../protocol/errors.ts';
import type { Message, ToolCall } from '../../protocol/message.ts';
import type { EventDraft } from '../../protocol/store.ts';
import type { ResolvedAgent, ResolvedModel } from '../../protocol/team.ts';
import type { Toolset } from '../../tools/tool.ts';
import type { RunState } from '../fold/state.ts';
import { newId } from '../ids.ts';
import { systemPrompt } from '../prompt/system.ts';
import { agentOf, conversationOf, event, ofRun, type LoopContext } from './context.ts';
import { loadTexts, storeTexts } from './contents.ts';

interface Prepared {
  agent: ResolvedAgent;
  model: ResolvedModel;
  model_name: string;
  message_id: string;
  turn: number;
  attempt: number;
  system: string[];
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
        show(context, run, part, message_id, attempt);
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

/** A run keeps the system parts that it began with (R13, R22); a recovered one reads them from the log's contents. */
async function systemOf(context: LoopContext, run: RunState, agent: ResolvedAgent): Promise<string[]> {
  const kept = run.system === undefined ? undefined : await loadTexts(context.log, run.system);
  if (kept !== undefined) return kept;
  const prompt = await systemPrompt({
    team: context.team,
    agent,
    toolsets: context.toolsets(agent),
    workspace: () => context.workspace(),
    working_dir: context.working_dir,
    now: context.now(),
    platform: context.platform,
    withheld: await withheldFrom(context, run, agent),
  });
  for (const warning of prompt.warnings) await warn(context, run, warning);
  return prompt.parts;
}

/** R13: what commands do not get is told to the person once per session, and to the model. */
async function withheldFrom(
  context: LoopContext,
  run: RunState,
  agent: ResolvedAgent,
): Promise<readonly string[]> {
  if (!context.toolsets(agent).some((toolset) => toolset.type === 'shell')) return [];
  const { withheld } = await context.workspace();
  if (withheld.length === 0 || context.log.state.runner !== undefined) return withheld;
  const detail = `commands do not get ${withheld.join(', ')}; --pass-env NAME passes one on`;
  await context.log.append({
    events: [event('runner_state', run, { runner: 'unix-local', state: 'ready', detail })],
  });
  return withheld;
}

/** The text of an agent's tool definitions, made once: they are the same objects as long as the team is. */
const DEFINITIONS = new WeakMap<readonly Toolset[], string>();

function definitionsText(toolsets: readonly Toolset[]): string {
  const known = DEFINITIONS.get(toolsets);
  if (known !== undefined) return known;
  const text = JSON.stringify(toolsets.flatMap((toolset) => toolset.tools.map((tool) => tool.definition)));
  DEFINITIONS.set(toolsets, text);
  return text;
}

async function recordCall(
  context: LoopContext,
  run: RunState,
  call: Prepared,
  attempt: number,
): Promise<void> {
  const digests = await storeTexts(context.log, [
    ...call.system,
    definitionsText(context.toolsets(call.agent)),
  ]);
  await context.log.append({
    step_id: `${run.run_id}/${call.turn}/model/${attempt}`,
    flush: true,
    events: [
      event('model_call', run, {
        model: call.model_name,
        turn: call.turn,
        attempt,
        message_id: call.message_id,
        purpose: 'turn',
        folded_seq: context.log.state.head,
        system: digests.slice(0, -1),
        tools: digests.at(-1),
      }),
    ],
  });
}

function show(
  context: LoopContext,
  run: RunState,
  part: ModelPart,
  message_id: string,
  attempt: number,
): void {
  const fields = { ...ofRun(run), message_id, attempt };
  const key = `message/${message_id}/${attempt}`;
  if (part.type === 'text_delta') {
    context.log.preview(`${key}/text`, 'agent_choice', part.text, fields, (content) => ({ content }));
  } else if (part.type === 'reasoning_delta') {
    context.log.preview(`${key}/reasoning`, 'agent_choice_reasoning', part.text, fields, (content) => ({
      content,
    }));
  } else if (part.type === 'tool_call_delta') {
    const name = part.name ?? '';
    context.log.preview(
      `${key}/call/${part.id}`,
      'partial_tool_call',
      part.arguments_delta,
      fields,
      (text) => ({
        tool_call: { id: part.id, type: 'function', function: { name, arguments: text } },
      }),
    );
  }
}

async function recordAnswer(
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

type Played = { played?: number[] };

/** What a cassette played, so that a recovered run goes on behind it (R22). */
export function playedBy(part: { cassette_id?: number }): Played {
  return part.cassette_id === undefined ? {} : { played: [part.cassette_id] };
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

function treeTotals(
  context: LoopContext,
  part: FinishPart,
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

async function loadBlob(context: LoopContext, blob_id: string): Promise<Uint8Array> {
  const blob = await context.log.store.blob(context.log.root_id, blob_id);
  if (blob === undefined) throw new YonderError('not_found', `blob ${blob_id} is not in this session`);
  return blob.bytes;
}

export async function warn(
  context: LoopContext,
  run: RunState,
  message: string,
  played: Played = {},
): Promise<void> {
  await context.log.append({ events: [event('warning', run, { message, ...played })] });
}

/** Records why a run fails; the next step ends it. */
export async function fail(
  context: LoopContext,
  run: RunState,
  error: YonderError,
  played: Played = {},
): Promise<void> {
  await context.log.append({
    events: [
      event('error', run, {
        error: error.message,
        code: error.code,
        retryable: error.retryable,
        ...played,
        ...(error.details === undefined ? {} : { details: error.details }),
      }),
    ],
  });
}
