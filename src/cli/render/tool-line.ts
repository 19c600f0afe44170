import { oneLine } from '../terminal/style.ts';

/** The arguments that say the most about a call, in this order. */
const TELLING = ['cmd', 'path', 'paths', 'query', 'agent', 'task', 'thought', 'description', 'url'];

/** What a call is about, in a few words: its telling argument, or all of them. */
export function callSummary(argumentsJson: string, length = 80): string {
  let values: unknown;
  try {
    values = JSON.parse(argumentsJson === '' ? '{}' : argumentsJson);
  } catch {
    return oneLine(argumentsJson, length); // broken arguments are shown as the model wrote them
  }
  if (typeof values !== 'object' || values === null) return oneLine(argumentsJson, length);
  const entries = Object.entries(values);
  const telling = TELLING.flatMap((name) => entries.filter(([key]) => key === name)).map(([, value]) =>
    plain(value),
  );
  if (telling.length > 0) return oneLine(telling.slice(0, 2).join(': '), length);
  return oneLine(entries.map(([key, value]) => `${key}=${plain(value)}`).join(' '), length);
}

/** What came of a call, in a few words: of an edit how many lines it added and removed, of others the beginning. */
export function resultSummary(response: string, length = 80): string {
  const [, edit] = /^Edited .*:\n--- .*\n\+\+\+ .*\n([^]*)$/.exec(response) ?? [];
  if (edit === undefined) return oneLine(response, length);
  const lines = edit.trimEnd().split('\n');
  const count = (sign: string): number => lines.filter((line) => line.startsWith(sign)).length;
  const cut = lines.at(-1)?.startsWith('[... ') === true ? ' and more' : '';
  return `+${count('+')} -${count('-')}${cut}`;
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** `12 ms`, `1.2 s`, `3 min 4 s`. */
export function elapsed(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
