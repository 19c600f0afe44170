import type { Placeholder } from './interaction.ts';

const ISO_DATE = /\b\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?\b/g;
const CALL_ID_KEYS = new Set(['tool_call_id', 'call_id', 'tool_use_id']);

/** Replaces what differs from machine to machine, longest value first; what has no name is left out. */
export function withPlaceholders(text: string, placeholders: readonly Placeholder[]): string {
  const ordered = placeholders.toSorted((left, right) => right.value.length - left.value.length);
  return ordered.reduce((kept, { value, name }) => {
    if (value === '') return kept;
    const inJson = JSON.stringify(value).slice(1, -1);
    const shown = name === '' ? '' : `{{${name}}}`;
    const once = kept.replaceAll(inJson, shown);
    return inJson === value ? once : once.replaceAll(value, shown);
  }, text);
}

function isCallId(key: string, holder: Record<string, unknown>): boolean {
  if (CALL_ID_KEYS.has(key)) return true;
  if (key !== 'id') return false;
  const type = holder['type'];
  if (type === 'tool_use' || type === 'function' || type === 'function_call') return true;
  // Google's calls and their results, which have no type.
  return typeof holder['name'] === 'string' && ('args' in holder || 'response' in holder);
}

class Renumbering {
  readonly #names = new Map<string, string>();

  nameOf(id: string): string {
    const known = this.#names.get(id);
    if (known !== undefined) return known;
    const name = `call_${this.#names.size + 1}`;
    this.#names.set(id, name);
    return name;
  }
}

/** Keys in order first, so that ids are numbered alike whatever order they were written in. */
function normalized(value: unknown, ids: Renumbering): unknown {
  if (typeof value === 'string') return value.replace(ISO_DATE, '{{date}}');
  if (Array.isArray(value)) return value.map((inner) => normalized(inner, ids));
  if (typeof value !== 'object' || value === null) return value;
  const holder = value as Record<string, unknown>;
  return Object.fromEntries(
    Object.keys(holder)
      .toSorted()
      .map((key) => {
        const inner = holder[key];
        if (typeof inner === 'string' && isCallId(key, holder)) return [key, ids.nameOf(inner)];
        return [key, normalized(inner, ids)];
      }),
  );
}

/** A body in the form in which two are compared: sorted keys, renumbered call ids, placeholders. Text stays text if it is no JSON. */
export function normalizedBody(body: string, placeholders: readonly Placeholder[]): unknown {
  const replaced = withPlaceholders(body, placeholders);
  try {
    return normalized(JSON.parse(replaced), new Renumbering());
  } catch {
    return replaced.replace(ISO_DATE, '{{date}}'); // no JSON: compared as text
  }
}
