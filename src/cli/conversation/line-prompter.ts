import { SEEN_AFTER } from '../terminal/ask.ts';
import type { Prompter } from '../questions/prompter.ts';
import type { Editor } from './editor.ts';
import type { Screen } from './screen.ts';

export interface LinePrompterOptions {
  screen: Screen;
  editor: Editor;
  settle(): Promise<void>;
  onInterrupt(): void;
  onEscape(): void;
  onEnd(): void;
  /** Milliseconds. */
  now(): number;
}

/** Puts questions on the line where the person types; what they were typing comes back after it. */
export function linePrompter(options: LinePrompterOptions): Prompter {
  const { screen, editor, settle, now } = options;
  /** When a key alone was the last answer: whoever presses Enter after it out of habit means that answer. */
  let answeredByKey = -Infinity;
  return {
    note: (text) => screen.note(text),
    settle,
    async line(prompt, signal, keys = []) {
      if (signal.aborted) return undefined;
      const { promise, resolve } = Promise.withResolvers<string | undefined>();
      const withdraw = (): void => resolve(undefined);
      const wasTyping = editor.text !== '';
      const asked = now();
      const back = editor.push({
        prompt,
        interrupt: options.onInterrupt,
        escape: options.onEscape,
        end: options.onEnd,
        key: (character) => {
          if (wasTyping || !keys.includes(character) || now() - asked < SEEN_AFTER) return false;
          answeredByKey = now();
          screen.echo(`${prompt}${character}`);
          resolve(character);
          return true;
        },
        line: (line) => {
          if (line === '' && now() - answeredByKey < SEEN_AFTER) return;
          screen.echo(`${prompt}${line}`);
          resolve(line);
        },
      });
      screen.ask(prompt);
      signal.addEventListener('abort', withdraw, { once: true });
      try {
        return await promise;
      } finally {
        signal.removeEventListener('abort', withdraw);
        back();
      }
    },
  };
}
