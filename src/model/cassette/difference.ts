const SHOWN = 60;

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}

/** Two long texts, from a little before the place where they part. */
function textDifference(recorded: string, now: string): string {
  let place = 0;
  while (place < recorded.length && recorded[place] === now[place]) place++;
  const from = Math.max(0, place - 15);
  const cut = (text: string): string => `${from > 0 ? '…' : ''}${text.slice(from, from + SHOWN)}`;
  return `recorded ${JSON.stringify(cut(recorded))}, now ${JSON.stringify(cut(now))}`;
}

/**
 * Where two JSON values first differ, as a path and both values, e.g. `messages[2].content: recorded "a", now "b"`. Undefined
 * when they are equal.
 */
export function firstDifference(recorded: unknown, now: unknown, path = ''): string | undefined {
  if (Object.is(recorded, now)) return undefined;
  const at = path === '' ? 'the body' : path;
  if (typeof recorded === 'string' && typeof now === 'string')
    return `${at}: ${textDifference(recorded, now)}`;
  if (Array.isArray(recorded) && Array.isArray(now)) {
    for (let index = 0; index < Math.max(recorded.length, now.length); index++) {
      const found = firstDifference(recorded[index], now[index], `${path}[${index}]`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  const bothObjects =
    typeof recorded === 'object' &&
    recorded !== null &&
    !Array.isArray(recorded) &&
    typeof now === 'object' &&
    now !== null &&
    !Array.isArray(now);
  if (!bothObjects) return `${at}: recorded ${shown(recorded)}, now ${shown(now)}`;
  const left = recorded as Record<string, unknown>;
  const right = now as Record<string, unknown>;
  for (const key of [...new Set([...Object.keys(left), ...Object.keys(right)])].toSorted()) {
    const found = firstDifference(left[key], right[key], path === '' ? key : `${path}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}
