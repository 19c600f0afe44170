import type { Redaction } from '../../protocol/secrets.ts';

/** A text within one event of a stream, and how to put another in its place. */
interface Leaf {
  line: number;
  text: string;
  replace: (text: string) => void;
}

/**
 * Takes secrets out of the body of an event stream, also where one stands in pieces of several events, as a model writes it. A body
 * that holds none comes back to the letter.
 */
export function redactedEvents(body: string, redaction: Redaction): string {
  if (!redaction.isNeeded) return body;
  const lines = body.split('\n');
  const events = new Map<number, unknown>();
  const leaves = new Map<string, Leaf[]>();
  for (const [line, text] of lines.entries()) {
    const event = eventOf(text);
    if (event === undefined) continue;
    events.set(line, event);
    collect(event, '', line, leaves);
  }
  const changed = new Set<number>();
  for (const pieces of leaves.values()) for (const line of redactPieces(pieces, redaction)) changed.add(line);
  for (const line of changed) lines[line] = `data: ${JSON.stringify(events.get(line))}`;
  return lines.join('\n');
}

function eventOf(line: string): object | undefined {
  if (!line.startsWith('data:')) return undefined;
  try {
    const value: unknown = JSON.parse(line.slice('data:'.length));
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    // `[DONE]`, or a line that was cut: it has no text of the model.
    return undefined;
  }
}

/** Texts at the same place of consecutive events belong together; parallel ones are told apart by their `index`. */
function collect(value: object, path: string, line: number, leaves: Map<string, Leaf[]>): void {
  const { index } = value as { index?: unknown };
  const here = typeof index === 'number' ? `${path}#${index}` : path;
  const fields = value as Record<string, unknown>;
  for (const [name, child] of Object.entries(fields)) {
    // A list's own place says nothing where its items are numbered.
    const place = `${here}/${Array.isArray(value) && hasIndex(child) ? '' : name}`;
    if (typeof child === 'object' && child !== null) collect(child, place, line, leaves);
    if (typeof child !== 'string') continue;
    const known = leaves.get(place) ?? [];
    known.push({ line, text: child, replace: (text) => (fields[name] = text) });
    leaves.set(place, known);
  }
}

function hasIndex(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'index' in value;
}

/** The lines that were changed. */
function redactPieces(pieces: readonly Leaf[], redaction: Redaction): number[] {
  const whole = pieces.map(({ text }) => text).join('');
  if (redaction.text(whole) === whole) return [];
  const stream = redaction.stream();
  return pieces.flatMap((piece, index) => {
    const rest = index === pieces.length - 1 ? () => stream.end() : () => '';
    const text = stream.push(piece.text) + rest();
    if (text === piece.text) return [];
    piece.replace(text);
    return [piece.line];
  });
}
