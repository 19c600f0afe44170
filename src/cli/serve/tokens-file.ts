import { readFile, stat } from 'node:fs/promises';
import { LineCounter, parseDocument, type Document, type Range } from 'yaml';
import { checkModes } from '../../config/file-modes.ts';
import { toYonderError, YonderError } from '../../protocol/errors.ts';
import { tokensFileSchema, type TokenEntry } from '../../server/auth/entries.ts';
import { codeOf } from '../flags/env-file.ts';

const MAX_BYTES = 1024 * 1024;

/** How often the file is looked at, in milliseconds: a token that was taken back is soon worth nothing. */
const LOOK_MS = 1_000;

/**
 * The entries of a `--auth-tokens` file (YAML, or JSON, which is YAML). Throws `invalid_request` with `file:line:column` for what is no entry, for a hash or a
 * combination that stands twice, and where others can change the file.
 */
export async function readTokens(path: string): Promise<TokenEntry[]> {
  const text = await textOf(path);
  await checkModes(path, { secret: false });
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number, message: string): YonderError => {
    const { line, col } = lines.linePos(offset);
    return new YonderError('invalid_request', `${path}:${line}:${col}: ${message}`);
  };
  const [fault] = document.errors;
  if (fault !== undefined) throw at(fault.pos[0], fault.message.trim());
  const read = tokensFileSchema.safeParse(document.toJS() ?? []);
  if (!read.success) {
    const [issue] = read.error.issues;
    const place = issue?.path ?? [];
    throw at(
      offsetOf(document, place),
      `${place.length === 0 ? 'the file' : place.join('.')} ${issue?.message}`,
    );
  }
  const known = new Set<string>();
  for (const [index, { hash }] of read.data.entries()) {
    if (known.has(hash)) throw at(offsetOf(document, [index, 'hash']), 'this token stands here twice');
    known.add(hash);
  }
  return read.data;
}

async function textOf(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size <= MAX_BYTES) return await readFile(path, 'utf8');
  } catch (cause) {
    throw new YonderError('invalid_request', `--auth-tokens ${path} cannot be read (${codeOf(cause)})`, {
      cause,
    });
  }
  throw new YonderError('invalid_request', `--auth-tokens ${path} is over 1 MiB; it holds entries alone`);
}

function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const node: unknown =
      length === 0 ? document.contents : document.getIn(path.slice(0, length).map(plain), true);
    const range = (node as { range?: Range | null } | null | undefined)?.range;
    if (range !== undefined && range !== null) return range[0];
  }
  return 0;
}

const plain = (key: PropertyKey): string | number => (typeof key === 'number' ? key : String(key));

export interface LiveTokens {
  /** As the file is now. */
  entries(): readonly TokenEntry[];
  close(): void;
}

/** The tokens of a file that is read again when it changes; one that became faulty is told of, and what it said before holds. */
export async function liveTokens(path: string, problem: (message: string) => void): Promise<LiveTokens> {
  let entries = await readTokens(path);
  let seen = await stampOf(path);
  let looking = false;
  const look = async (): Promise<void> => {
    const now = await stampOf(path);
    if (now === seen) return;
    seen = now;
    try {
      entries = await readTokens(path);
    } catch (thrown) {
      problem(`${toYonderError(thrown).message}; the tokens of before hold`);
    }
  };
  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    void look().finally(() => (looking = false));
  }, LOOK_MS);
  timer.unref();
  return { entries: () => entries, close: () => clearInterval(timer) };
}

/** Changes whenever the file does; a file that is gone is a change too. */
async function stampOf(path: string): Promise<string> {
  try {
    const { mtimeMs, ctimeMs, size, ino } = await stat(path);
    return [mtimeMs, ctimeMs, size, ino].join(' ');
  } catch (cause) {
    return codeOf(cause);
  }
}
