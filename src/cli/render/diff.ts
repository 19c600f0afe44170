import { printable, type Style } from '../terminal/style.ts';

/** The unified diff that a result holds, coloured line by line; undefined where it holds none. */
export function diffIn(text: string, style: Style): string[] | undefined {
  const lines = printable(text).trimEnd().split('\n');
  const first = lines.findIndex(
    (line, index) => line.startsWith('--- ') && lines[index + 1]?.startsWith('+++ ') === true,
  );
  return first === -1 ? undefined : lines.slice(first).map((line) => diffLine(line, style));
}

function diffLine(line: string, style: Style): string {
  if (/^(?:\+\+\+ |--- |\\ )/.test(line)) return style('dim', line);
  if (line.startsWith('@@')) return style('cyan', line);
  if (line.startsWith('+')) return style('green', line);
  return line.startsWith('-') ? style('red', line) : line;
}
