import picomatch from 'picomatch';

/**
 * What `*` may cross in an argument that is not a path: deny and ask read `*` as anything (a `/` before the word must
 * not hide it), allow reads it as anything but `/`, as the peer does (reference/docker-agent.md 5.4).
 */
export type GlobReading = 'wide' | 'narrow';

const MAGIC = /(?<!\\)[*?[\]{}]/;

/** Whether the glob holds a wildcard that is not escaped. */
export function hasWildcard(glob: string): boolean {
  return MAGIC.test(glob);
}

/** Takes `\` before a character away; what a pattern without wildcards stands for. */
export function unescapeGlob(glob: string): string {
  return glob.replaceAll(/\\(.)/gs, '$1');
}

/** Escapes what `matchesGlob`, `matchesCommandGlob` and the pattern syntax itself give a meaning. */
export function escapeGlob(text: string): string {
  return text.replaceAll(/[\\*?[\]{}()!+@|:$]/g, String.raw`\$&`);
}

/** Takes the unescaped `*` off the end; `undefined` where there is none, so that the glob is no prefix. */
export function prefixOf(glob: string): string | undefined {
  const stripped = glob.replace(/\*+$/, '');
  if (stripped === glob) return undefined;
  const slashes = /\\*$/.exec(stripped)?.[0].length ?? 0;
  if (slashes % 2 === 0) return stripped;
  // The first of the stars is escaped: `a\**` is the prefix `a*`, and `a\*` no prefix at all.
  return glob.length - stripped.length > 1 ? `${stripped}*` : undefined;
}

/** Path-style glob, case-insensitive; a trailing `*` makes it a prefix, any other `*` does not cross `/`. */
export function matchesGlob(text: string, glob: string): boolean {
  const prefix = prefixOf(glob);
  if (prefix === '') return true;
  const options = { nocase: true, dot: true, nonegate: true, noextglob: true };
  if (prefix === undefined) return picomatch.makeRe(glob, options).test(text);
  if (!hasWildcard(prefix)) return text.toLowerCase().startsWith(unescapeGlob(prefix).toLowerCase());
  const body = picomatch.makeRe(prefix, options).source.replace(/^\^/, '').replace(/\$$/, '');
  return new RegExp(`^(?:${body})[\\s\\S]*$`, 'i').test(text);
}

/**
 * A glob over the text of one command. `program *` also stands for the program without arguments. Only `*` and `?`
 * are wildcards here: brackets and braces are ordinary characters of a command.
 */
export function matchesCommandGlob(text: string, glob: string, reading: GlobReading): boolean {
  if (glob.endsWith(' *') && compileCommandGlob(glob.slice(0, -2), reading).test(text)) return true;
  return compileCommandGlob(glob, reading).test(text);
}

function compileCommandGlob(glob: string, reading: GlobReading): RegExp {
  const prefix = prefixOf(glob);
  const inner = reading === 'wide' ? String.raw`[\s\S]` : '[^/]';
  let source = '';
  for (const [token] of (prefix ?? glob).matchAll(/\\[\s\S]|[\s\S]/g)) {
    if (token === '*') source += `${inner}*`;
    else if (token === '?') source += inner;
    else source += RegExp.escape(token.length === 2 && token.startsWith('\\') ? token.slice(1) : token);
  }
  // An allow is read as it is written: `git branch -d *` is not `git branch -D`.
  return new RegExp(`^${source}${prefix === undefined ? '$' : ''}`, reading === 'wide' ? 'i' : '');
}
