/** A value to take out, and what stands in its place. */
export interface Pattern {
  value: string;
  replacement: string;
}

/** A part of a text that is covered by one value, or by several that overlap. */
export interface Found {
  start: number;
  end: number;
  replacement: string;
}

/** Every covered part, in order; values that overlap are one part, so that no end of one is left over. Undefined where there is none. */
export function findAll(text: string, patterns: readonly Pattern[]): Found[] | undefined {
  let found: Found[] | undefined;
  for (const { value, replacement } of patterns) {
    let at = text.indexOf(value);
    while (at !== -1) {
      found ??= [];
      found.push({ start: at, end: at + value.length, replacement });
      at = text.indexOf(value, at + 1);
    }
  }
  return found === undefined ? undefined : merged(found);
}

/** Parts that overlap as one, under the name of the one that begins first. */
export function merged(found: readonly Found[]): Found[] {
  const parts: Found[] = [];
  for (const next of found.toSorted((left, right) => left.start - right.start || right.end - left.end)) {
    const last = parts.at(-1);
    if (last !== undefined && next.start < last.end) last.end = Math.max(last.end, next.end);
    else parts.push({ ...next });
  }
  return parts;
}

/** How many characters at the end of a text are the beginning of a value that may go on in what follows. */
export function openTail(text: string, patterns: readonly Pattern[]): number {
  let longest = 0;
  for (const { value } of patterns) {
    const first = value.charAt(0);
    let at = text.indexOf(first, Math.max(0, text.length - value.length + 1));
    while (at !== -1 && text.length - at > longest) {
      if (value.startsWith(text.slice(at))) longest = text.length - at;
      else at = text.indexOf(first, at + 1);
    }
  }
  return longest;
}

/** The text with each part replaced. */
export function replaceAll(text: string, found: readonly Found[]): string {
  let result = '';
  let from = 0;
  for (const { start, end, replacement } of found) {
    result += text.slice(from, start) + replacement;
    from = end;
  }
  return result + text.slice(from);
}
