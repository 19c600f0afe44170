/** A path that a text may mean: the longest reading first, then without what only ends a sentence. */
export interface Mention {
  readings: readonly string[];
}

/**
 * What a message may name with `@file` or `@"file with spaces"`. An `@` within a word, as in an address, is none; whether a mention is a
 * file is for the caller to see.
 */
export function mentionsIn(text: string): Mention[] {
  const found = text.matchAll(/(?<=^|[\s([{,;])@(?:"([^"\n]+)"|'([^'\n]+)'|([^\s"'@]\S*))/g);
  return Array.from(found, ([, double, single, word]) => ({
    readings: word === undefined ? [double ?? single ?? ''] : shortened(word),
  }));
}

/** `a.txt).` may be meant as `a.txt`. */
function shortened(word: string): string[] {
  const readings = [word];
  for (let rest = word; /[.,;:!?)\]}>"'*_`]$/.test(rest) && rest.length > 1;) {
    rest = rest.slice(0, -1);
    readings.push(rest);
  }
  return readings;
}

const IMAGE_NAME = /\.(?:png|jpe?g|gif|webp)$/i;

/**
 * Paths of images that were dropped or pasted into a message: a line that holds them and nothing else, as they are, quoted, escaped
 * with backslashes, or as `file://` addresses.
 */
export function pastedImages(text: string): string[][] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('@'))
    .map(pathsOf)
    .filter((paths) => paths.length > 0);
}

function pathsOf(line: string): string[] {
  const words = shellWords(line).map(fromAddress);
  if (words.length > 0 && words.every((word) => IMAGE_NAME.test(word))) return words;
  const whole = fromAddress(line);
  return IMAGE_NAME.test(whole) ? [whole] : [];
}

function fromAddress(word: string): string {
  if (!word.startsWith('file://')) return word;
  try {
    return decodeURIComponent(new URL(word).pathname);
  } catch {
    return word; // no address after all: it is looked at as a name
  }
}

/** The line as a shell would split it; none where a quote is left open. */
function shellWords(line: string): string[] {
  const words: string[] = [];
  const pattern = /\s*((?:"[^"]*"|'[^']*'|\\.|[^\s"'\\])+)/y;
  for (let match = pattern.exec(line); match !== null; match = pattern.exec(line)) {
    const word = (match[1] ?? '').replaceAll(
      /"([^"]*)"|'([^']*)'|\\(.)/g,
      (_, double?: string, single?: string, escaped?: string) => double ?? single ?? escaped ?? '',
    );
    words.push(word);
    if (/^\s*$/.test(line.slice(pattern.lastIndex))) return words;
  }
  return [];
}
