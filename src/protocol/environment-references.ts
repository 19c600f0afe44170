/** `${env.NAME}`: the only expression that a team may use, and only in the places that R32 names. */
const REFERENCE = /\$\{env\.([A-Za-z_][A-Za-z0-9_]*)\}/g;

/** The names of the variables that a text refers to, each once, in order. */
export function environmentReferences(text: string): string[] {
  return [...new Set(Array.from(text.matchAll(REFERENCE), (match) => match[1] ?? ''))];
}

/**
 * Replaces every `${env.NAME}` once: a value that looks like a reference is not expanded again (R32). A variable that is not set becomes
 * empty and is named in `missing`.
 */
export function expandEnvironmentReferences(
  text: string,
  lookup: (name: string) => string | undefined,
): { text: string; missing: string[] } {
  const missing = environmentReferences(text).filter((name) => lookup(name) === undefined);
  return { text: text.replace(REFERENCE, (_, name: string) => lookup(name) ?? ''), missing };
}
