import type { Io } from '../terminal/io.ts';
import { printable } from '../terminal/style.ts';

/** What the server says of itself on stderr, a line each: as text, or as JSON where its log is read by a program. Never content of a session. */
export type Say = (message: string, level?: 'info' | 'warning') => void;

export function sayTo(io: Io, format: 'json' | 'text'): Say {
  return (message, level = 'info') => {
    const line =
      format === 'json'
        ? JSON.stringify({ time: io.now().toISOString(), level, message })
        : `${level === 'warning' ? 'warning: ' : ''}${printable(message)}`;
    io.stderr.write(`${line}\n`);
  };
}
