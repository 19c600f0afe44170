/**
 * The text of a team's command, taken apart once (R32): what a person's words and variables are put into is never looked through again.
 */
export type TemplatePart =
  | { kind: 'text'; text: string }
  /** `${args[0]}` */
  | { kind: 'argument'; index: number }
  /** `${args.join(" ")}` */
  | { kind: 'arguments'; separator: string }
  /** `${env.NAME}` */
  | { kind: 'variable'; name: string };

/** `!tool(name=value, ...)`; a value without quotes may be a number or a flag. */
export interface TemplateCall {
  kind: 'call';
  tool: string;
  args: { name: string; value: number | boolean | TemplatePart[] }[];
}

export type CommandTemplate = (TemplatePart | TemplateCall)[];

const EXPRESSION =
  /\$\{(?:args\[(?<index>\d{1,3})\]|args\.join\((?<quote>["'])(?<separator>.*?)\k<quote>\)|env\.(?<name>[A-Za-z_][A-Za-z0-9_]*))\}/y;
const CALL = /!(?<tool>[A-Za-z_][\w-]*)\(/y;
const NAME = /\s*(?<name>[A-Za-z_]\w*)\s*=\s*/y;

/** Takes a command apart. What looks like an expression or a call and is none stays text. */
export function parseCommand(text: string): CommandTemplate {
  const parts: CommandTemplate = [];
  let plain = 0;
  let at = 0;
  while (at < text.length) {
    const found = expressionAt(text, at) ?? (isWordBefore(text, at) ? undefined : callAt(text, at));
    if (found === undefined) at += 1;
    else {
      if (at > plain) parts.push({ kind: 'text', text: text.slice(plain, at) });
      parts.push(found.part);
      at = plain = found.end;
    }
  }
  if (text.length > plain) parts.push({ kind: 'text', text: text.slice(plain) });
  return parts;
}

/** `Great!(x)` and `a!b(c)` are prose. */
function isWordBefore(text: string, at: number): boolean {
  return at > 0 && /[\w!]/.test(text.charAt(at - 1));
}

interface Found<Part> {
  part: Part;
  end: number;
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function expressionAt(text: string, at: number): Found<TemplatePart> | undefined {
  const found = text[at] === '$' ? match(EXPRESSION, text, at) : null;
  if (found === null) return undefined;
  const { index, separator, name } = found.groups ?? {};
  const end = at + found[0].length;
  if (index !== undefined) return { part: { kind: 'argument', index: Number(index) }, end };
  if (name !== undefined) return { part: { kind: 'variable', name }, end };
  return { part: { kind: 'arguments', separator: unescaped(separator ?? '') }, end };
}

function unescaped(text: string): string {
  return text.replaceAll('\\n', '\n').replaceAll('\\t', '\t');
}

function callAt(text: string, start: number): Found<TemplateCall> | undefined {
  const head = text[start] === '!' ? match(CALL, text, start) : null;
  if (head === null) return undefined;
  const args: TemplateCall['args'] = [];
  let at = start + head[0].length;
  for (;;) {
    if (/^\s*\)/.test(text.slice(at, at + 200)) && args.length === 0)
      return {
        part: { kind: 'call', tool: head.groups?.['tool'] ?? '', args },
        end: text.indexOf(')', at) + 1,
      };
    const name = match(NAME, text, at);
    if (name === null) return undefined;
    const value = valueAt(text, at + name[0].length);
    if (value === undefined) return undefined;
    args.push({ name: name.groups?.['name'] ?? '', value: value.part });
    const next = match(/\s*(?<mark>[,)])/y, text, value.end);
    if (next === null) return undefined;
    at = value.end + next[0].length;
    if (next.groups?.['mark'] === ')')
      return { part: { kind: 'call', tool: head.groups?.['tool'] ?? '', args }, end: at };
  }
}

function valueAt(text: string, start: number): Found<number | boolean | TemplatePart[]> | undefined {
  const quote = text[start];
  if (quote === '"' || quote === "'") return quotedAt(text, start, quote);
  const bare = partsUntil(text, start, (character) => /[\s,)]/.test(character));
  const [only, ...more] = bare.part;
  if (only === undefined || bare.end === start) return undefined;
  if (more.length > 0 || only.kind !== 'text') return bare;
  if (/^-?\d+(?:\.\d+)?$/.test(only.text)) return { part: Number(only.text), end: bare.end };
  if (only.text === 'true' || only.text === 'false') return { part: only.text === 'true', end: bare.end };
  return bare;
}

function quotedAt(text: string, start: number, quote: string): Found<TemplatePart[]> | undefined {
  const inside = partsUntil(text, start + 1, (character) => character === quote);
  return text[inside.end] === quote ? { part: inside.part, end: inside.end + 1 } : undefined;
}

/** Text and expressions up to a character; a backslash takes a quote or a backslash as it is. */
function partsUntil(
  text: string,
  start: number,
  ends: (character: string) => boolean,
): Found<TemplatePart[]> {
  const parts: TemplatePart[] = [];
  let plain = '';
  let at = start;
  while (at < text.length && !ends(text.charAt(at))) {
    const expression = expressionAt(text, at);
    if (expression !== undefined) {
      if (plain !== '') parts.push({ kind: 'text', text: plain });
      plain = '';
      parts.push(expression.part);
      at = expression.end;
    } else {
      if (text[at] === '\\' && /["'\\]/.test(text.charAt(at + 1))) at += 1;
      plain += text.charAt(at);
      at += 1;
    }
  }
  if (plain !== '') parts.push({ kind: 'text', text: plain });
  return { part: parts, end: at };
}

/** Whether an argument of a call is a command line: what is put into it must be words of their own. */
export function isCommandLine(tool: string, argument: string): boolean {
  return argument === 'cmd' && (tool === 'shell' || tool === 'run_background_job');
}

/**
 * Whether what comes next in a command line is a word of its own there, or a part of one: outside of quotes, substitutions and heredocs, where
 * quoting it would not hold.
 */
export function isPlainPlace(line: string): boolean {
  let quote = '';
  for (let at = 0; at < line.length; at += 1) {
    const character = line.charAt(at);
    if (character === '\\' && quote !== "'") at += 1;
    else if (quote !== '') {
      if (character === quote) quote = '';
    } else if (character === '"' || character === "'") quote = character;
    else if (character === '`' || character === '#' || /^(?:\$[({]|<<|<\(|>\()/.test(line.slice(at, at + 2)))
      return false;
  }
  return quote === '' && !/(?:^|[^\\])(?:\\\\)*\\$/.test(line) && !line.endsWith('$');
}
