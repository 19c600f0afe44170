import { z } from 'zod';
import { messageSchema, type Message } from '../../../protocol/message.ts';
import type { RunState } from '../../fold/run-state.ts';
import { newId } from '../../ids.ts';
import { conversationOf, event, type LoopContext } from '../../loop/context.ts';
import { hooksFor } from '../run-hooks.ts';
import type { HookOutcome } from '../types.ts';
import { hasHooks } from './has-hooks.ts';
import { redactedCall } from './redaction.ts';
import { hear, stoppedBy } from './tell.ts';
import { freshPrompts } from './transcript.ts';

/** A model call that is about to be made, as far as hooks have a say in it. */
export interface CallForHooks {
  turn: number;
  /** The model's name in the team. */
  model_name: string;
  system: string[];
  signal: AbortSignal;
}

export interface HookedCall {
  /** The text that hooks added for this turn alone; it stands in `messages`. */
  added: string;
  system: string[];
  messages: readonly Message[];
  /** As `ModelCall.exchanges`; undefined where `messages` is an array of its own. */
  exchanges: readonly number[] | undefined;
}

/**
 * What hooks add to a turn and its model call, for this turn alone: text of `user_prompt_submit` and `turn_start`. Undefined where they stopped the
 * run, or it was cut. A call that was cut and is made again gets the same text: it stands in the log (R14, R22).
 */
async function turnContext(
  context: LoopContext,
  run: RunState,
  { turn, signal }: Pick<CallForHooks, 'turn' | 'signal'>,
): Promise<string | undefined> {
  if (!hasHooks(context)) return '';
  const outcomes: [string, HookOutcome][] = [];
  if (run.parent === undefined) {
    for (const { position, content } of freshPrompts(context, run)) {
      const moment = {
        event: 'user_prompt_submit',
        subject: String(position),
        input: { prompt: content },
        signal,
      } as const;
      const outcome = await hear(context, run, moment);
      if (outcome === undefined || (await stoppedBy(context, run, moment, outcome))) return undefined;
      outcomes.push([moment.event, outcome]);
    }
  }
  const moment = { event: 'turn_start', subject: String(turn), input: {}, signal } as const;
  const outcome = await hear(context, run, moment);
  if (outcome === undefined || (await stoppedBy(context, run, moment, outcome))) return undefined;
  outcomes.push([moment.event, outcome]);
  return outcomes
    .flatMap(([name, given]) => given.context.map(({ text, source }) => `[${name} hook ${source}]\n${text}`))
    .join('\n\n');
}

/** A model call as hooks leave it. Undefined where one of them stopped the run, or it was cut. */
export async function withHooks(
  context: LoopContext,
  run: RunState,
  call: CallForHooks,
): Promise<HookedCall | undefined> {
  const added = await turnContext(context, run, call);
  if (added === undefined) return undefined;
  const history = context.history(conversationOf(context, run));
  const messages = history.messages();
  const plain: HookedCall = { added, system: call.system, messages, exchanges: history.exchanges };
  if (!hasHooks(context)) return plain;
  const given = redactedCall(context, run, added === '' ? plain : withContext(plain, run, call.turn));
  if (hooksFor(context, run, 'before_llm_call').length === 0) return given;
  return rewrittenCall(context, run, call, given);
}

function withContext(call: HookedCall, run: RunState, turn: number): HookedCall {
  const message_id = `hooks_${run.run_id}_${turn}`;
  return {
    ...call,
    messages: [...call.messages, { message_id, role: 'user', content: call.added, created_at: '' }],
    exchanges: undefined,
  };
}

async function rewrittenCall(
  context: LoopContext,
  run: RunState,
  { turn, model_name, signal }: CallForHooks,
  given: HookedCall,
): Promise<HookedCall | undefined> {
  const { provider, model } = await context.model(model_name);
  const system = given.system.map((content) => ({ role: 'system', content }));
  const moment = {
    event: 'before_llm_call',
    subject: `${turn}/${model_name}`,
    input: { iteration: turn, model_id: `${provider}/${model}`, messages: [...system, ...given.messages] },
    signal,
  } as const;
  const outcome = await hear(context, run, moment);
  if (outcome === undefined || (await stoppedBy(context, run, moment, outcome))) return undefined;
  if (outcome.updated_messages === undefined) return given;
  const read = z.array(messageSchema).min(1).safeParse(outcome.updated_messages.map(completed));
  if (!read.success) {
    const [issue] = read.error.issues;
    const message = `its updated_messages are not right at ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`;
    const by = outcome.results.find(
      ({ output }) => output.hook_specific_output?.updated_messages !== undefined,
    );
    await context.log.append({
      events: [
        event('hook_blocked', run, {
          message,
          hook_event: moment.event,
          ...(by === undefined ? {} : { hook: by.hook.source }),
          stops: true,
        }),
      ],
    });
    return undefined;
  }
  return {
    added: given.added,
    system: read.data.filter(({ role }) => role === 'system').map(({ content }) => content),
    messages: read.data.filter(({ role }) => role !== 'system'),
    exchanges: undefined,
  };
}

/** What a hook need not write of a message. */
function completed(message: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return { message_id: newId('msg'), created_at: '', ...message };
}
