import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4StreamPart,
} from '@ai-sdk/provider';
import type { Answer } from './answer.ts';
import type { ModelPart } from './call.ts';
import { BrokenAnswer } from './failure.ts';
import { SILENT, type SilenceWatch } from './silence.ts';

export type StreamFinish = Extract<LanguageModelV4StreamPart, { type: 'finish' }>;

export interface Attempt {
  model: LanguageModelV4;
  options: LanguageModelV4CallOptions;
  answer: Answer;
  watch: SilenceWatch;
  silentSeconds: number;
}

/** An answer with nothing in it is none; one that was stopped before it said anything will not do better again. */
function requireContent(answer: Answer, finish: StreamFinish): void {
  if (answer.text.trim() !== '' || answer.toolCalls.length > 0) return;
  const reason = finish.finishReason.unified;
  if (reason === 'length') {
    throw new BrokenAnswer('used up its output tokens before it answered; raise max_tokens', {
      retry: false,
    });
  }
  if (reason === 'content-filter') {
    throw new BrokenAnswer("gave no answer: its provider's content filter stopped it", { retry: false });
  }
  throw new BrokenAnswer('gave an empty answer');
}

/**
 * Makes the call once and hands on what comes. Returns how the provider finished; throws whatever went wrong, a stream without
 * a proper end included.
 */
export async function* runAttempt(attempt: Attempt): AsyncGenerator<ModelPart, StreamFinish> {
  const { watch } = attempt;
  watch.heard();
  const opening = Promise.resolve(attempt.model.doStream(attempt.options));
  let opened = await watch.wait(opening);
  while (opened === SILENT) {
    yield { type: 'silent', seconds: attempt.silentSeconds };
    opened = await watch.wait(opening);
  }
  const reader = opened.stream.getReader();
  let finish: StreamFinish | undefined;
  let ended = false;
  try {
    for (;;) {
      watch.heard();
      const reading = reader.read();
      let read = await watch.wait(reading);
      while (read === SILENT) {
        yield { type: 'silent', seconds: attempt.silentSeconds };
        read = await watch.wait(reading);
      }
      const { done, value } = read;
      if (done) break;
      if (value.type === 'error') throw value.error;
      if (value.type === 'finish') finish = value;
      const shown = attempt.answer.take(value);
      if (shown !== undefined) yield shown;
    }
    ended = true;
  } finally {
    // The call's own signal is aborted by whoever made it; that is what ends the connection.
    if (!ended) reader.cancel().catch(() => undefined);
  }
  if (finish === undefined || finish.finishReason.unified === 'interrupted') {
    throw new BrokenAnswer('ended its answer without saying that it was done');
  }
  if (finish.finishReason.unified === 'error') throw new BrokenAnswer('ended its answer with an error');
  yield* attempt.answer.end();
  requireContent(attempt.answer, finish);
  return finish;
}
