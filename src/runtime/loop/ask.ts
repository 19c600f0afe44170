import { YonderError } from '../../protocol/errors.ts';
import type { AskAnswer, AskRequest } from '../../tools/tool.ts';
import type { CallQuestion, CallState } from '../fold/call-state.ts';
import type { RunState } from '../fold/run-state.ts';
import { newId } from '../ids.ts';
import { beforeQuestion } from '../hooks/events/questions.ts';
import { event, type LoopContext } from './context.ts';
import { changedOrExpired, unanswered, type Unanswered } from './waiting.ts';

/** Puts the questions of one execution of a call to the person, and knows how that stands. */
export class CallQuestions {
  readonly #context: LoopContext;
  readonly #run: RunState;
  readonly #call: CallState;
  readonly #signal: AbortSignal;
  /** How many this execution has put; a rerun finds the first ones in the log (R23). */
  #count = 0;
  #isWaiting = false;
  #wasRefused = false;

  constructor(context: LoopContext, run: RunState, call: CallState, signal: AbortSignal) {
    this.#context = context;
    this.#run = run;
    this.#call = call;
    this.#signal = signal;
  }

  /** A question stands, so that the call has no result yet whatever its tool gives back. */
  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  /** One found nobody who could answer. */
  get wasRefused(): boolean {
    return this.#wasRefused;
  }

  readonly ask = async (request: AskRequest): Promise<AskAnswer> => {
    // Who asks over a connection is another one after a restart: what was asked before is none of its questions.
    const isHeldByStep = request.held_by !== 'connection';
    const index = isHeldByStep ? this.#count : this.#call.questions.length;
    if (isHeldByStep) this.#count += 1;
    if (this.#call.questions[index] === undefined) {
      if (this.#run.unattended === 'refuse') return this.#refused();
      await this.#put(request, index);
    }
    this.#isWaiting = true;
    const until =
      request.signal === undefined ? this.#signal : AbortSignal.any([this.#signal, request.signal]);
    const question = this.#call.questions[index];
    while (question?.answer === undefined) {
      if (request.signal?.aborted === true && question !== undefined && !this.#signal.aborted)
        await this.#withdraw(question, { outcome: 'canceled', reason: 'whoever asked has taken it back' });
      if (question?.answer !== undefined) break;
      if (this.#signal.aborted || question === undefined)
        throw new YonderError('tool_failed', 'the question was withdrawn: the call was cut');
      await this.#context.pump();
      if (question.answer !== undefined) break;
      const end = unanswered(this.#context, this.#run, question.request_id);
      if (end === undefined) await changedOrExpired(this.#context, [question.request_id], until);
      else await this.#withdraw(question, end);
    }
    this.#isWaiting = false;
    return question.answer.outcome === 'answered' ? answerOf(question.answer) : this.#refused();
  };

  #refused(): AskAnswer {
    this.#wasRefused = true;
    return { action: 'refused' };
  }

  async #put({ message, title, schema, url, held_by = 'step' }: AskRequest, index: number): Promise<void> {
    const { log } = this.#context;
    await beforeQuestion(this.#context, this.#run, `${this.#call.call.id}/${index}`);
    await log.append({
      step_id: `${this.#run.run_id}/${this.#run.turn}/ask/${this.#call.index}/${index}`,
      flush: true,
      events: [
        event('elicitation_request', this.#run, {
          message,
          ...(title === undefined ? {} : { title }),
          ...(url === undefined ? { mode: 'form', schema } : { mode: 'url', url }),
          tool_call_id: this.#call.call.id,
          request_id: newId('req'),
          held_by,
        }),
      ],
    });
  }

  /** A question that has no answer and gets none (R8). */
  async #withdraw({ request_id }: CallQuestion, { outcome, reason }: Unanswered): Promise<void> {
    const { log } = this.#context;
    await log.append({
      events: [
        event('interaction_resolved', this.#run, {
          request_id,
          kind: 'elicitation',
          outcome,
          reason,
          ...(outcome === 'expired' ? { by: 'policy' } : {}),
        }),
      ],
    });
  }
}

function answerOf({ decision, content, reason }: NonNullable<CallQuestion['answer']>): AskAnswer {
  if (decision === 'accept') {
    return {
      action: 'accept',
      ...(content === undefined ? {} : { content: content as Record<string, unknown> }),
    };
  }
  return {
    action: decision === 'decline' ? 'decline' : 'cancel',
    ...(reason === undefined ? {} : { reason }),
  };
}
