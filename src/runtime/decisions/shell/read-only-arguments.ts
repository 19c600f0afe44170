/** A program that only reads, with the flags under which it does. */
export interface ReadOnlyProgram {
  /** Letters of short flags without a value. */
  flags?: string;
  /** Letters of short flags with a value. */
  values?: string;
  long?: readonly string[];
  /** Long flags with a value, after `=` or as the next word. */
  longValues?: readonly string[];
  /** Operands before the first path, e.g. the expression of `grep`. */
  operands?: number;
  /** Operands are no paths at all. */
  noPaths?: boolean;
  /** A number alone is a flag: `head -20`. */
  numeric?: boolean;
  maxOperands?: number;
  /** Operands other than `+FORMAT` set something. */
  onlyFormats?: boolean;
}

/** The paths among the arguments; `undefined` where a flag is not in the table. */
export function readArguments(rest: readonly string[], entry: ReadOnlyProgram): string[] | undefined {
  const operands: string[] = [];
  let ended = false;
  for (let index = 0; index < rest.length; index += 1) {
    const word = rest[index] ?? '';
    if (ended || word === '-' || !word.startsWith('-')) operands.push(word);
    else if (word === '--') ended = true;
    else if (word.startsWith('--')) {
      const [long, value] = splitOnce(word.slice(2));
      if (value === undefined && entry.long?.includes(long) === true) continue;
      if (entry.longValues?.includes(long) !== true) return undefined;
      if (value === undefined) index += 1;
    } else if (entry.numeric === true && /^-\d+$/.test(word)) continue;
    else {
      const used = readShortFlags(word.slice(1), entry);
      if (used === undefined) return undefined;
      index += used;
    }
  }
  if (operands.length > (entry.maxOperands ?? Number.POSITIVE_INFINITY)) return undefined;
  if (entry.onlyFormats === true && operands.some((operand) => !operand.startsWith('+'))) return undefined;
  return entry.noPaths === true
    ? []
    : operands
        .slice(rest.includes('--files') ? 0 : (entry.operands ?? 0))
        .filter((operand) => operand !== '-');
}

/** How many further words the cluster takes as values; `undefined` for a letter that is not in the table. */
function readShortFlags(letters: string, entry: ReadOnlyProgram): number | undefined {
  for (const [index, letter] of letters.split('').entries()) {
    if (entry.values?.includes(letter) === true) return index === letters.length - 1 ? 1 : 0;
    if (entry.flags?.includes(letter) !== true) return undefined;
  }
  return 0;
}

function splitOnce(text: string): [string, string | undefined] {
  const equals = text.indexOf('=');
  return equals === -1 ? [text, undefined] : [text.slice(0, equals), text.slice(equals + 1)];
}
