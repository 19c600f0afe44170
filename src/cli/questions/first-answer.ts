import type { Prompter } from './prompter.ts';
import type { Answer } from './question.ts';

/** The first line that is an answer; undefined when the question is withdrawn. `keys` may be taken without Enter. */
export async function firstAnswer(
  prompter: Prompter,
  signal: AbortSignal,
  { hint, keys }: { hint: string; keys: readonly string[] },
  read: (line: string) => Answer | undefined,
): Promise<Answer | undefined> {
  for (;;) {
    const line = await prompter.line('? ', signal, keys);
    if (line === undefined) return undefined;
    const answer = read(line);
    if (answer !== undefined) return answer;
    prompter.note(hint);
  }
}
