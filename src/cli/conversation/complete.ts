import type { Typed } from './line-buffer.ts';

export interface CompletionSources {
  /** Without their slash. */
  commands(): Promise<readonly string[]>;
  /** What may follow a command, e.g. the agents' names after `agent`. */
  words(command: string): Promise<readonly string[]>;
  /** Names in a folder of the workspace, folders with a slash at the end; none where it cannot be read. */
  files(folder: string): Promise<readonly string[]>;
}

export interface Completion {
  typed: Typed;
  /** More than one: shown to choose from. */
  choices: readonly string[];
}

/** What Tab does: a command after `/`, its word after that, a path after `@`. Undefined where there is nothing to complete. */
export async function complete(now: Typed, sources: CompletionSources): Promise<Completion | undefined> {
  const head = now.text.slice(0, now.cursor);
  const command = /^\/(\S*)$/.exec(head);
  if (command !== null) return finish(now, command[1] ?? '', await sources.commands(), ' ');
  const argument = /^\/(\S+)\s+(\S*)$/.exec(head);
  if (argument !== null) return finish(now, argument[2] ?? '', await sources.words(argument[1] ?? ''), '');
  const file = /(?:^|\s)@(\S*)$/.exec(head);
  if (file === null) return undefined;
  const [, folder = '', name = ''] = /^(.*\/)?([^/]*)$/.exec(file[1] ?? '') ?? [];
  const names = await sources.files(folder);
  // What is hidden is offered to who asks for it.
  return finish(
    now,
    name,
    names.filter((one) => name.startsWith('.') || !one.startsWith('.')),
    ' ',
  );
}

/** The only candidate whole, else as much as all have in common. */
function finish(
  now: Typed,
  word: string,
  candidates: readonly string[],
  ending: string,
): Completion | undefined {
  const fitting = candidates.filter((candidate) => candidate.startsWith(word)).toSorted();
  const [first] = fitting;
  if (first === undefined) return undefined;
  const only = fitting.length === 1;
  const common = fitting.reduce((shared, candidate) => sharedStart(shared, candidate), first);
  const rest = common.slice(word.length) + (only && !first.endsWith('/') ? ending : '');
  const text = now.text.slice(0, now.cursor) + rest + now.text.slice(now.cursor);
  return { typed: { text, cursor: now.cursor + rest.length }, choices: only ? [] : fitting };
}

function sharedStart(left: string, right: string): string {
  let length = 0;
  while (length < left.length && left[length] === right[length]) length += 1;
  return left.slice(0, length);
}
