/** Whether one of the patterns is the whole text, `*` standing for any text. */
export function matchesAny(patterns: readonly string[], text: string): boolean {
  return patterns.some((pattern) => matches(pattern, text));
}

/** Without a regular expression, so that no pattern of a file can make it slow. */
function matches(pattern: string, text: string): boolean {
  const [first = '', ...others] = pattern.split('*');
  const last = others.pop();
  if (last === undefined) return text === pattern;
  if (!text.startsWith(first) || text.length < first.length + last.length || !text.endsWith(last))
    return false;
  let at = first.length;
  const end = text.length - last.length;
  for (const part of others) {
    const found = text.indexOf(part, at);
    if (found === -1 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}

/** Whether one of the addresses is this one or stands above it: the same origin, and its path up to a `/`. `*` is every address. */
export function withinAny(addresses: readonly string[], address: string): boolean {
  if (addresses.includes('*')) return true;
  const asked = URL.parse(address);
  if (asked === null) return false;
  return addresses.some((entry) => {
    const allowed = URL.parse(entry);
    if (allowed === null || allowed.origin !== asked.origin) return false;
    const folder = allowed.pathname.endsWith('/') ? allowed.pathname : `${allowed.pathname}/`;
    return asked.pathname === allowed.pathname || asked.pathname.startsWith(folder);
  });
}
