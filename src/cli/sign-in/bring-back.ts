import type { Io } from '../terminal/io.ts';
import { openBrowser } from './browser.ts';
import type { Callback } from './callback.ts';

export interface BringBack {
  callback: Callback;
  authorization_url: string;
  env: Io['env'];
  note(text: string): void;
  /** A line that the person types or pastes; undefined when there is none any more. */
  line?: (signal: AbortSignal) => Promise<string | undefined>;
  signal: AbortSignal;
}

/** What came of it: fields of the answer, words of the authorization server's no, or nothing where it was withdrawn. */
export type Brought = { content: Record<string, string> } | { refused: string } | undefined;

/** Has the person sign in in a browser and waits for what it brings back: to this machine's port, or as the address that the person pastes. */
export async function bringBack(asked: BringBack): Promise<Brought> {
  const { callback, authorization_url, note, line, signal } = asked;
  const state = new URL(authorization_url).searchParams.get('state') ?? '';
  const coming = callback.brought(state);
  const isOpen = await openBrowser(authorization_url, asked.env);
  note(
    `${isOpen ? 'Your browser opens this address' : 'Open this address in your browser'}:\n${authorization_url}`,
  );
  if (line !== undefined)
    note('If the browser is on another machine, paste here the address that it ends on.');
  const done = new AbortController();
  const until = AbortSignal.any([signal, done.signal]);
  try {
    return await Promise.race([coming.then(readBack), pasted(line, state, note, until), aborted(signal)]);
  } finally {
    done.abort();
  }
}

function readBack(found: URLSearchParams): Brought {
  const error = found.get('error');
  if (error !== null) return { refused: error.replaceAll(/[^\x20-\x7e]/g, ' ').slice(0, 100) };
  const names = ['code', 'state', 'iss'];
  return {
    content: Object.fromEntries(
      names.flatMap((name) => {
        const value = found.get(name);
        return value === null ? [] : [[name, value]];
      }),
    ),
  };
}

async function pasted(
  line: BringBack['line'],
  state: string,
  note: BringBack['note'],
  signal: AbortSignal,
): Promise<Brought> {
  while (line !== undefined) {
    const typed = await line(signal);
    if (typed === undefined) break;
    const found = URL.parse(typed.trim())?.searchParams;
    if (found?.get('state') === state) return readBack(found);
    note('this is not the address that the sign-in ends on: it has the state of this sign-in in it');
  }
  // Nobody types any more: the browser may yet come.
  return aborted(signal);
}

function aborted(signal: AbortSignal): Promise<undefined> {
  if (signal.aborted) return Promise.resolve(undefined);
  const { promise, resolve } = Promise.withResolvers<undefined>();
  signal.addEventListener('abort', () => resolve(undefined), { once: true });
  return promise;
}
