import type { FinishPart } from '../../model/call.ts';
import { YonderError, toYonderError } from '../../protocol/errors.ts';
import type { Message } from '../../protocol/message.ts';
import type { RunState } from '../fold/run-state.ts';
import { newId } from '../ids.ts';
import { asTalk, firstKept } from '../prompt/kept-part.ts';
import { afterCompaction, beforeCompaction } from '../hooks/events/compaction.ts';
import { chooseModel } from './choose-model.ts';
import { agentOf, conversationOf, event, type LoopContext } from './context.ts';
import { treeTotals } from './record-answer.ts';
import { fail, playedBy, warn, type Played } from './report.ts';
import type { CompactionReason } from './next-step.ts';

/** The longest summary (reference 7.6). */
const SUMMARY_TOKENS = 16_000;

const REQUEST = [
  'Summarise the conversation so far for the agent that will go on with it and sees nothing else of it.',
  'Keep: what the user wants, what was decided and why, what was done (files with their paths, commands with their outcome), what failed, and what is left to do.',
  'Write plain text, no greeting and no remark about summarising.',
].join(' ');

/** A summary: of a model, or of a hook, which costs nothing. */
type Summary = Pick<FinishPart, 'text'> &
  Partial<Pick<FinishPart, 'model' | 'usage' | 'cost' | 'cassette_id'>>;

/** What the last attempt of a summary played, to be recorded with its failure. */
interface Failed {
  played: Played;
}

/** One compaction: the old part becomes a summary, calls and results stay together, nothing is deleted (R37). */
export async function compact(
  context: LoopContext,
  run: RunState,
  reason: CompactionReason,
  signal: AbortSignal,
): Promise<void> {
  const conversation = conversationOf(context, run);
  const kept = firstKept(conversation, reason);
  if (kept <= conversation.window_start) {
    await nothingToDo(context, run, reason);
    return;
  }
  const guided = await beforeCompaction(context, run, reason, signal);
  if (guided.kind === 'no') return;
  const old = conversation.messages.slice(conversation.window_start, kept);
  const { input_tokens, output_tokens, context_limit } = conversation.usage;
  if (run.compacting === undefined)
    await context.log.append({ events: [event('session_compaction', run, { status: 'started', reason })] });
  const failed: Failed = { played: {} };
  try {
    const answer: Summary =
      guided.summary === undefined
        ? await summarise(context, run, { old, added: guided.context }, failed, signal)
        : { text: guided.summary };
    await context.log.append({
      events: [
        event('session_summary', run, {
          summary: answer.text,
          ...playedBy(answer),
          ...(answer.model === undefined ? {} : { model: answer.model }),
          ...(answer.usage === undefined ? {} : { usage: answer.usage }),
          ...(answer.cost === undefined ? {} : { cost: answer.cost }),
          first_kept_entry: kept,
          ...(conversation.messages[kept] === undefined
            ? {}
            : { first_kept_message: conversation.messages[kept].message_id }),
        }),
        event('session_compaction', run, { status: 'completed', reason }),
      ],
      session: answer.usage === undefined ? {} : treeTotals(context, { ...answer, usage: answer.usage }),
    });
    await afterCompaction(context, run, reason, { input_tokens, output_tokens, context_limit }, signal);
  } catch (thrown) {
    if (signal.aborted) {
      await cutShort(context, run, reason);
      return;
    }
    await compactionFailed(context, run, reason, toYonderError(thrown, 'model_error'), failed);
  }
}

/** Somebody ended the run in the middle of it; where the Host lets it go instead, whoever resumes it goes on. */
async function cutShort(context: LoopContext, run: RunState, reason: CompactionReason): Promise<void> {
  if (run.interrupted_by === undefined && run.failed === undefined) return;
  await context.log.append({ events: [event('session_compaction', run, { status: 'failed', reason })] });
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
  { played }: Failed,
): Promise<void> {
  await context.log.append({ events: [event('session_compaction', run, { status: 'failed', reason })] });
  const message = `compaction failed: ${error.message}`;
  if (reason === 'threshold') await warn(context, run, message, played);
  else
    await fail(
      context,
      run,
      new YonderError(reason === 'overflow' ? 'context_exceeded' : error.code, message, { cause: error }),
      played,
    );
}

async function summarise(
  context: LoopContext,
  run: RunState,
  { old, added }: { old: Message[]; added: string },
  failed: Failed,
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
    content: [REQUEST, run.instruction ?? '', ...(added === '' ? [] : [added])].join('\n'),
    created_at: '',
  };
  const stream = context.models.stream(
    {
      model: { ...model, max_tokens: SUMMARY_TOKENS },
      system: summary === undefined ? [] : [`Summary of what came before:\n${summary}`],
      messages: [...asTalk(old, conversationOf(context, run).usage.context_limit), prompt],
      tools: [],
      loadBlob: () => Promise.reject(new YonderError('not_found', 'a summary is made without files')),
    },
    signal,
  );
  for await (const part of stream) {
    if (part.type === 'attempt_failed') {
      if (part.will_retry)
        await warn(
          context,
          run,
          `${part.error.message}; trying again in ${part.delay_ms} ms`,
          playedBy(part),
        );
      else failed.played = playedBy(part);
    }
    if (part.type !== 'finish') continue;
    if (part.text.trim() === '') throw new YonderError('model_error', 'the model gave an empty summary');
    return part;
  }
  throw new YonderError('model_error', 'the model ended without a summary');
}
