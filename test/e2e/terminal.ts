import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { onTestFailed, onTestFinished, vi } from 'vitest';
import type { Scratch } from './cli.ts';

const BIN = join(import.meta.dirname, '..', '..', 'bin', 'yonder.js');

/** Said in the summary where there is none. */
export const hasTmux = spawnSync('tmux', ['-V']).status === 0;

let count = 0;

/** A real terminal, by tmux on a socket of its own; gone when the test is over. */
export interface Terminal {
  /** What it shows, its history included, without colours. */
  screen(): string;
  /** The same with them. */
  coloured(): string;
  /** Text, and Enter. */
  say(line: string): void;
  /** Keys by tmux's names, e.g. `C-c`. */
  keys(...names: string[]): void;
  shows(text: string | RegExp): Promise<void>;
}

/** Starts the built command in a terminal of 100 columns; its exit code is shown as `EXIT n`. */
export function openTerminal(
  place: Scratch,
  words: readonly string[],
  env: Record<string, string> = {},
): Terminal {
  const socket = join(place.root, `tmux-${(count += 1)}`);
  const tmux = (...args: string[]): string =>
    execFileSync('tmux', ['-S', socket, '-f', '/dev/null', ...args], { encoding: 'utf8', env: place.env });
  const variables = Object.entries({ ...place.env, ...env }).map(([name, value]) => `${name}=${value}`);
  const line = ['env', ...variables, process.execPath, BIN, ...words]
    .map((word) => `'${word.replaceAll("'", `'\\''`)}'`)
    .join(' ');
  tmux(
    'new-session',
    '-d',
    '-x',
    '100',
    '-y',
    '50',
    '-c',
    place.work,
    `${line}; echo EXIT $?; exec sleep 600`,
  );
  const screen = (): string => tmux('capture-pane', '-p', '-J', '-S', '-');
  onTestFailed(() => console.error(screen()));
  onTestFinished(() => void tmux('kill-server'));
  return {
    screen,
    coloured: () => tmux('capture-pane', '-p', '-e', '-S', '-'),
    say: (text) => {
      tmux('send-keys', '-l', text);
      tmux('send-keys', 'Enter');
    },
    keys: (...names) => void tmux('send-keys', ...names),
    async shows(text) {
      await vi.waitFor(
        () => {
          const shown = screen();
          if (typeof text === 'string' ? !shown.includes(text) : !text.test(shown))
            throw new Error(`the terminal never showed ${String(text)}`);
        },
        { timeout: 20_000, interval: 100 },
      );
    },
  };
}
