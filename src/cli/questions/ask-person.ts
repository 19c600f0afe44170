import { askSignIn, type AskSignIn } from '../sign-in/ask-sign-in.ts';
import type { Style } from '../terminal/style.ts';
import { approvalKeys, approvalText, readApproval } from './approval.ts';
import { firstAnswer } from './first-answer.ts';
import { askForm } from './form.ts';
import type { Prompter } from './prompter.ts';
import type { Answer, Question } from './question.ts';

/** Puts one question until there is an answer to it; undefined when it is withdrawn. */
export function askPerson(
  question: Question & { request_id: string },
  prompter: Prompter,
  style: Style,
  signal: AbortSignal,
  place: Pick<AskSignIn, 'runtime' | 'env'>,
): Promise<Answer | undefined> {
  switch (question.type) {
    case 'tool_call_confirmation': {
      const offers = question.rule_offers ?? [];
      prompter.note(approvalText(question, style));
      const hint = 'answer with one of the letters in brackets; a reason may follow "n"';
      return firstAnswer(prompter, signal, { hint, keys: approvalKeys(offers) }, (line) =>
        readApproval(line, offers),
      );
    }
    case 'max_iterations_reached':
      prompter.note(`model calls so far: ${question.max_iterations}, the limit. Go on?\n[y]es, [n]o`);
      return firstAnswer(prompter, signal, { hint: 'answer with y or n', keys: ['y', 'n'] }, readGoOn);
    case 'authorization_event':
      return askSignIn({ question, prompter, signal, ...place });
    case 'elicitation_request':
      return askForm(question, prompter, style, signal);
  }
}

function readGoOn(line: string): Answer | undefined {
  const key = line.trim().toLowerCase();
  if (key === 'y' || key === 'yes') return { decision: 'continue' };
  return key === 'n' || key === 'no' ? { decision: 'stop' } : undefined;
}
