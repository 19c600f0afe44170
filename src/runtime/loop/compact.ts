import type { FinishPart } from '../../model/call.ts';
import { YonderError, toYonderError } from '../../protocol/errors.ts';
import type { Message } from '../../protocol/message.ts';
import type { ConversationState, RunState } from '../fold/state.ts';
import { newId } from '../ids.ts';
import { estimateMessage } from '../prompt/tokens.ts';
import { chooseModel } from './choose-model.ts';
import { agentOf, conversationOf, event, type LoopContext } from './context.ts';
import { fail, playedBy, warn } from './report.ts';
import type { CompactionReason } from './next-step.ts';

/** Estimated tokens of the newest messages that stay as they are, and the longest summary (reference 7.6). */
const KEEP_TOKENS = 20_000;
const SUMMARY_TOKENS = 16_000;

const REQUEST = [
  'Summarise the conversation so far for the agent that will go on with it and sees nothing else of it.',
  'Keep: what the user wants, what was decided and why, what was done (files with their paths, commands with their outcome), what failed, and what is left to do.',
  'Write plain text, no greeting and no remark about summarising.',
].join(' ');

/** One compaction: the old part becomes a summary, calls and results stay together, nothing is deleted (R37). */
export async function compact(
  context: LoopContext,
  run: RunState,
  reason: CompactionReason,
  signal: AbortSignal,
): Promise<void> {
  const conversation = conversationOf(context, run);
  const kept = firstKept(conversation, reason);
  if (kept === conversation.window_start) {
    await nothingToDo(context, run, reason);
    return;
  }
  const old = conversation.messages.slice(conversation.window_start, kept);
  await context.log.append({ events: [event('session_compaction', run, { status: 'started', reason })] });
  try {
    const answer = await summarise(context, run, old, signal);
    await context.log.append({
      events: [
        event('session_summary', run, {
          summary: answer.text,
          ...playedBy(answer),
          model: answer.model,
          usage: answer.usage,
          ...(answer.cost === undefined ? {} : { cost: answer.cost }),
          first_kept_entry: kept,
          ...(conversation.messages[kept] === undefined
            ? {}
            : { first_kept_message: conversation.messages[kept].message_id }),
        }),
        event('session_compaction', run, { status: 'completed', reason }),
      ],
    });
  } catch (thrown) {
    if (signal.aborted) return;
    await compactionFailed(context, run, reason, toYonderError(thrown, 'model_error'));
  }
}

async function nothingToDo(context: LoopContext, run: RunState, reason: CompactionReason): Promise<void> {
  if (reason === 'overflow') {
    const message =
      'the conversation is too long for the model, and there is nothing left to summarise; start a new session';
    await fail(context, run, new YonderError('context_exceeded', message));
    return;
  }
  await context.log.append({
    events: [
      event('session_compaction', run, { status: 'started', reason }),
      event('warning', run, { message: 'there is nothing to compact yet' }),
      event('session_compaction', run, { status: 'completed', reason }),
    ],
  });
}

/** A failed compaction is an error, never a summary (reference 1.1). At the threshold the run goes on without it. */
async function compactionFailed(
  context: LoopContext,
  run: RunState,
  reason: CompactionReason,
  error: YonderError,
): Promise<void> {
  await context.log.append({ events: [event('session_compaction', run, { status: 'failed', reason })] });
  const message = `compaction failed: ${error.message}`;
  if (reason === 'threshold') await warn(context, run, message);
  else
    await fail(
      context,
      run,
      new YonderError(reason === 'overflow' ? 'context_exceeded' : error.code, message, { cause: error }),
    );
}

/** Where the kept part begins: at most KEEP_TOKENS from the end, never between a call and its results. */
function firstKept(conversation: ConversationState, reason: CompactionReason): number {
  const { messages, window_start } = conversation;
  const budget = reason === 'threshold' ? KEEP_TOKENS : Math.min(KEEP_TOKENS, half(conversation));
  let tokens = 0;
  let start = messages.length;
  while (start > window_start) {
    tokens += estimateMessage(messages[start - 1] as Message);
    if (tokens > budget) break;
    start -= 1;
  }
  while (start < messages.length && messages[start]?.role === 'tool') start += 1;
  return start;
}

function half(conversation: ConversationState): number {
  let tokens = 0;
  for (const message of conversation.messages.slice(conversation.window_start))
    tokens += estimateMessage(message);
  return Math.floor(tokens / 2);
}

async function summarise(
  context: LoopContext,
  run: RunState,
  old: Message[],
  signal: AbortSignal,
): Promise<FinishPart> {
  const agent = agentOf(context, run);
  const name = chooseModel(context, agent, false).model;
  const model = await context.model(name);
  const { summary } = conversationOf(context, run);
  await context.log.append({
    flush: true,
    events: [
      event('model_call', run, {
        model: name,
        turn: run.turn,
        attempt: run.attempts + 1,
        purpose: 'compaction',
        message_id: newId('msg'),
      }),
    ],
  });
  const prompt: Message = {
    message_id: newId('msg'),
    role: 'user',
    content: [REQUEST, run.instruction ?? ''].join('\n'),
    created_at: '',
  };
  const stream = context.models.stream(
    {
      model: { ...model, max_tokens: SUMMARY_TOKENS },
      system: summary === undefined ? [] : [`Summary of what came before:\n${summary}`],
      messages: [...withoutFiles(old), prompt],
      tools: [],
      loadBlob: () => Promise.reject(new YonderError('not_found', 'a summary is made without files')),
    },
    signal,
  );
  for await (const part of stream) {
    if (part.type !== 'finish') continue;
    if (part.text.trim() === '') throw new YonderError('model_error', 'the model gave an empty summary');
    return part;
  }
  throw new YonderError('model_error', 'the model ended without a summary');
}

/** Plain turns of talk: a summary needs no live calls, and providers refuse calls whose tools are not offered. */
function withoutFiles(messages: readonly Message[]): Message[] {
  return messages.map((message) => {
    const calls = (message.tool_calls ?? []).map(
      (call) => `[called ${call.function.name} ${call.function.arguments}]`,
    );
    const content =
      message.role === 'tool' ? `[result]\n${message.content}` : [message.content, ...calls].join('\n');
    const role = message.role === 'tool' ? 'user' : message.role;
    return { message_id: message.message_id, role, content, created_at: message.created_at };
  });
}
