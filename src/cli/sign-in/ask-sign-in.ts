import type { Runtime } from '../../protocol/backend.ts';
import type { EventOf } from '../../protocol/events/events.ts';
import { toYonderError } from '../../protocol/errors.ts';
import { firstAnswer } from '../questions/first-answer.ts';
import type { Prompter } from '../questions/prompter.ts';
import type { Answer } from '../questions/question.ts';
import { changing } from '../request-context.ts';
import type { Io } from '../terminal/io.ts';
import { printable } from '../terminal/style.ts';

export interface AskSignIn {
  question: EventOf<'authorization_event'> & { request_id: string };
  prompter: Prompter;
  runtime: Runtime;
  env: Io['env'];
  signal: AbortSignal;
}

/** What the person reads; `scope` and names come from a stranger. */
export function signInText({ server, server_url, kind, scope }: AskSignIn['question']): string {
  const where = `${printable(server ?? 'an MCP server')}${server_url === undefined ? '' : ` (${printable(server_url)})`}`;
  const wants = kind === 'step_up' ? 'wants more than you granted it' : 'wants you to sign in';
  return `The MCP server ${where} ${wants}${scope === undefined ? '' : `: ${printable(scope)}`}. Sign in with your browser?\n[y]es, [n]o`;
}

/** Asks the person, takes the sign-in upon this client and brings back what the browser brings (R31). */
export async function askSignIn(asked: AskSignIn): Promise<Answer | undefined> {
  const { question, prompter, runtime, env, signal } = asked;
  prompter.note(signInText(question));
  const wanted = await firstAnswer(
    prompter,
    signal,
    { hint: 'answer with y or n', keys: ['y', 'n'] },
    readWish,
  );
  if (wanted?.decision !== 'accept') return wanted;
  const [{ listenForBrowser }, { bringBack }] = await Promise.all([
    import('./callback.ts'),
    import('./bring-back.ts'),
  ]);
  const callback = await listenForBrowser(question.callback_port);
  try {
    const { request_id } = question;
    const { redirect_url } = callback;
    const { authorization_url } = await runtime.claim(changing(signal), { request_id, redirect_url });
    const brought = await bringBack({
      callback,
      authorization_url,
      env,
      note: (text) => prompter.note(text),
      line: (until) => prompter.line('> ', until),
      signal,
    });
    if (brought === undefined) return undefined;
    if ('content' in brought) return { decision: 'accept', content: brought.content };
    prompter.note(`the sign-in was refused there: ${brought.refused}`);
    return { decision: 'decline', reason: `the authorization server said ${brought.refused}` };
  } catch (thrown) {
    if (signal.aborted) return undefined;
    prompter.note(`the sign-in failed: ${toYonderError(thrown).message}`);
    return { decision: 'cancel', reason: toYonderError(thrown).message };
  } finally {
    await callback.close();
  }
}

function readWish(line: string): Answer | undefined {
  const key = line.trim().toLowerCase();
  if (key === 'y' || key === 'yes') return { decision: 'accept' };
  return key === 'n' || key === 'no' ? { decision: 'decline' } : undefined;
}
