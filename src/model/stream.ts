import type { LanguageModelV4, LanguageModelV4Prompt } from '@ai-sdk/provider';
import { setTimeout as delay } from 'node:timers/promises';
import { YonderError } from '../protocol/errors.ts';
import { acceptedMedia, refuseMedia } from './accepted-media.ts';
import { Answer } from './answer.ts';
import { runAttempt, type StreamFinish } from './attempt.ts';
import type { FinishPart, ModelCall, ModelPart, ModelTimes } from './call.ts';
import { factsOf } from './catalogue.ts';
import { BrokenAnswer, failureOf, type Failure } from './failure.ts';
import { writtenName } from './keys.ts';
import type { Histories } from './prompt/history.ts';
import { markForCache } from './prompt/cache-marks.ts';
import { callFetch, type CallTraffic } from './providers/call-fetch.ts';
import { bodyFields, callOptions } from './providers/call-options.ts';
import { forwardHeaders } from './http/gateway.ts';
import { baseUrlOf, languageModel } from './providers/language-model.ts';
import { needsMending } from './providers/mend-stream.ts';
import { SilenceWatch } from './silence.ts';
import { mayWriteCalls, ToolCallText } from './tool-call-text.ts';
import { usageOf } from './usage.ts';

/** What a call needs beside what it is given. */
export interface CallMeans {
  fetch: typeof fetch;
  key: string | undefined;
  /** Address of the gateway that this call goes through. */
  gateway?: string | undefined;
  histories: Histories;
  times: ModelTimes;
  sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** From 0 to 1; spreads retries. */
  random: () => number;
}

export async function realSleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  await delay(milliseconds, undefined, { signal });
}

function playedIn(traffic: CallTraffic): { cassette_id?: number } {
  return traffic.cassetteId === undefined ? {} : { cassette_id: traffic.cassetteId };
}

/** 200 ms, doubled each time up to 2 s, with 10 % of jitter either way (reference/docker-agent.md 7.7). */
function retryDelay(retry: number, times: ModelTimes, random: () => number): number {
  const plain = Math.min(times.firstDelay * 2 ** retry, times.longestDelay);
  return Math.round(plain * (0.9 + 0.2 * random()));
}

function failedPart(
  attempt: number,
  failure: Failure,
  delayMs: number | undefined,
  traffic: CallTraffic,
): ModelPart {
  const { code, message } = failure.error;
  return {
    type: 'attempt_failed',
    attempt,
    error: {
      code,
      message,
      passing: failure.retry,
      ...(failure.status === undefined ? {} : { status: failure.status }),
    },
    will_retry: delayMs !== undefined,
    delay_ms: delayMs ?? 0,
    ...playedIn(traffic),
  };
}

async function sleepUnlessAborted(delayMs: number, signal: AbortSignal, means: CallMeans): Promise<void> {
  try {
    await means.sleep(delayMs, signal);
  } finally {
    signal.throwIfAborted(); // the caller's own reason instead of the timer's
  }
}

interface LentPrompt {
  prompt: LanguageModelV4Prompt;
  callIds: ReadonlySet<string>;
  giveBack: () => void;
}

async function lendPrompt(call: ModelCall, means: CallMeans): Promise<LentPrompt> {
  const { model } = call;
  const wire = model.api === 'openai_chatcompletions' || model.api === 'mistral' ? 'chat' : 'rich';
  const style = { wire, provider: model.provider, media: acceptedMedia(model) } as const;
  const history = await means.histories.of(call.messages, style, call.loadBlob, call.exchanges);
  const parts = call.system.filter((content) => content.trim() !== '');
  // Templates of open models take one system message, at the start; Anthropic's cache needs the parts apart.
  const joined = wire === 'chat' && parts.length > 1 ? [parts.join('\n\n')] : parts;
  const system: LanguageModelV4Prompt = joined.map((content) => ({ role: 'system', content }));
  const prompt = history.prompt(system);
  const unmark = model.api === 'anthropic' ? markForCache(prompt, system.length) : undefined;
  return {
    prompt,
    callIds: history.callIds,
    giveBack: () => {
      unmark?.();
      history.giveBack();
    },
  };
}

async function finishPart(call: ModelCall, answer: Answer, finish: StreamFinish): Promise<FinishPart> {
  const { usage, known } = usageOf(finish.usage);
  const facts = await factsOf(call.model.provider, call.model.model, known ? usage : undefined);
  return {
    type: 'finish',
    text: answer.text,
    reasoning: answer.reasoning,
    ...(answer.metadata === undefined ? {} : { provider_metadata: answer.metadata }),
    tool_calls: answer.toolCalls,
    // Calls that were written as text end a turn like those of the API.
    finish_reason:
      answer.toolCalls.length > 0 && finish.finishReason.unified === 'stop'
        ? 'tool-calls'
        : finish.finishReason.unified,
    usage,
    usage_known: known,
    ...(facts.cost === undefined ? {} : { cost: facts.cost }),
    price_known: facts.cost !== undefined,
    model: `${call.model.provider}/${call.model.model}`,
    ...(facts.context_limit === undefined ? {} : { context_limit: facts.context_limit }),
  };
}

/**
 * One model call with its retries. After `attempt_failed` everything that was streamed in that attempt is void. Ends with `finish`,
 * or throws a YonderError after an `attempt_failed` with `will_retry: false`; throws the signal's reason when that is aborted.
 */
export async function* streamCall(
  call: ModelCall,
  signal: AbortSignal,
  means: CallMeans,
): AsyncGenerator<ModelPart> {
  signal.throwIfAborted();
  await refuseMedia(call.model, call.messages, call.fresh ?? new Set(), call.loadBlob);
  const lent = await lendPrompt(call, means);
  try {
    yield* streamAttempts(call, signal, means, lent);
  } finally {
    lent.giveBack();
  }
}

async function* streamAttempts(
  call: ModelCall,
  signal: AbortSignal,
  means: CallMeans,
  { prompt, callIds }: LentPrompt,
): AsyncGenerator<ModelPart> {
  const { gateway } = means;
  const name = writtenName(call.model) + (gateway === undefined ? '' : ` (through the gateway ${gateway})`);
  const firstAttempt = call.attempt ?? 1;
  for (let retry = 0; ; retry++) {
    const written =
      call.tools.length > 0 && mayWriteCalls(call.model) ? new ToolCallText(call.tools) : undefined;
    const answer = new Answer(callIds, written);
    const ending = new AbortController();
    const watch = new SilenceWatch(name, means.times);
    const traffic: CallTraffic = {
      heard: () => watch.heard(),
      mend: needsMending(call.model),
      headers: gateway === undefined ? {} : forwardHeaders(baseUrlOf(call.model)),

      fields: bodyFields(call.model),
    };
    let failure: Failure;
    try {
      const model: LanguageModelV4 = await languageModel(call.model, {
        key: means.key,
        firstCallNumber: callIds.size + 1,
        fetch: callFetch(means.fetch, traffic),
      });
      const abortSignal = AbortSignal.any([signal, ending.signal]);
      const options = { ...callOptions(call.model, prompt, call.tools), abortSignal };
      const silentSeconds = Math.round(means.times.silentAfter / 1000);
      const finish = yield* runAttempt({ model, options, answer, watch, silentSeconds });
      yield { ...(await finishPart(call, answer, finish)), ...playedIn(traffic) };
      return;
    } catch (thrown) {
      signal.throwIfAborted();
      failure = failureOf(
        withContentType(thrown, traffic, gateway),
        name,
        means.key === undefined ? [] : [means.key],
      );
    } finally {
      watch.close();
      ending.abort();
    }
    const again = failure.retry && retry < (call.retries ?? means.times.retries);
    const delayMs = again ? retryDelay(retry, means.times, means.random) : undefined;
    yield failedPart(firstAttempt + retry, failure, delayMs, traffic);
    if (delayMs === undefined) throw failure.error;
    await sleepUnlessAborted(delayMs, signal, means);
  }
}

/** A page of HTML with status 200 is no cut stream: say what came. */
function withContentType(thrown: unknown, traffic: CallTraffic, gateway: string | undefined): unknown {
  const type = (traffic.contentType ?? '').split(';')[0] ?? '';
  if (traffic.ok !== true || type === 'text/event-stream' || thrown instanceof YonderError) return thrown;
  const what = type === '' ? 'something without a type' : type;
  return new BrokenAnswer(
    `answered with ${what}, not an event stream; check ${gateway === undefined ? 'base_url' : 'models_gateway'}`,
    { cause: thrown },
  );
}
