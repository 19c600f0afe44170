import { styleText } from 'node:util';

type Format = Parameters<typeof styleText>[0];
export type Style = (format: Format, text: string) => string;

/**
 * Colours for one stream: on a terminal alone, and never where NO_COLOR is set to anything (no-color.org). FORCE_COLOR is not
 * looked at, so that a pipe never gets any.
 */
export function styleFor(
  stream: { isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): Style {
  const coloured = stream.isTTY === true && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
  return (format, text) => (coloured ? styleText(format, text, { validateStream: false }) : text);
}

/** Text of a model, a tool or a file without what moves a terminal's cursor or changes its title; tabs and line ends stay. */
export function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- these are what must not reach a terminal
  return text.replace(/\r\n/g, '\n').replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '');
}

/** On one line, at most so many characters. */
export function oneLine(text: string, length: number): string {
  const flat = printable(text).replace(/\s+/g, ' ').trim();
  return flat.length <= length ? flat : `${flat.slice(0, Math.max(length - 1, 0))}…`;
}
