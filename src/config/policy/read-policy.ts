import { readFile, stat } from 'node:fs/promises';
import { isMap, isPair, isScalar, LineCounter, type Document, type Pair, parseDocument } from 'yaml';
import type { z } from 'zod';
import { YonderError } from '../../protocol/errors.ts';
import { type PolicyFile, type PolicyRules, policyFileSchema } from '../../protocol/policy.ts';
import { checkModes } from '../file-modes.ts';
import { faultsOf } from '../read-shape.ts';
import type { Finding } from '../shape.ts';

/** A policy is written by hand; more than this is none. */
const MAX_BYTES = 1024 * 1024;

/** What is wrong with a permission pattern, in words; undefined when nothing is. */
export type CheckPattern = (pattern: string) => string | undefined;

/**
 * Reads a server's policy. `where` is the file's name for messages. Throws `invalid_request` with `file:line:column` and what to do, a line for each
 * fault (at most 10). An empty text is a policy that says nothing, and leaves what holds without a file.
 */
export function readPolicy(
  text: string,
  where: string,
  checkPattern: CheckPattern = () => undefined,
): PolicyFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const findings: Finding[] = [];
  const report = (offset: number, message: string): void => {
    const { line, col } = lines.linePos(offset);
    findings.push({ line, column: col, message });
  };
  for (const fault of [...document.errors, ...document.warnings]) report(fault.pos[0], fault.message.trim());
  if (findings.length > 0) throw faultsOf(where, findings);
  const read = policyFileSchema.safeParse(document.toJS() ?? {});
  if (!read.success) {
    for (const issue of read.error.issues) reportIssue(document, issue, report);
    throw faultsOf(
      where,
      findings.toSorted((left, right) => left.line - right.line || left.column - right.column),
    );
  }
  for (const { path, pattern } of patternsOf(read.data)) {
    const problem = checkPattern(pattern);
    if (problem !== undefined) report(offsetAt(document, path), `${path.join('.')}: ${problem}`);
  }
  if (findings.length > 0) throw faultsOf(where, findings);
  return read.data;
}

/** The policy in a file. Throws `not_found` where there is none and `invalid_request` as `readPolicy` does, or where others can change the file. */
export async function readPolicyFile(path: string, checkPattern?: CheckPattern): Promise<PolicyFile> {
  let text: string;
  try {
    const status = await stat(path);
    if (!status.isFile())
      throw new YonderError('invalid_request', `the policy ${path} is not a regular file; name one`);
    if (status.size > MAX_BYTES)
      throw new YonderError('invalid_request', `the policy ${path} is over 1 MiB; it holds rules alone`);
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof YonderError) throw cause;
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    if (code === 'ENOENT')
      throw new YonderError('not_found', `there is no policy file ${path}; name one with --policy`, {
        cause,
      });
    throw new YonderError('invalid_request', `the policy ${path} cannot be read (${code})`, { cause });
  }
  await checkModes(path, { secret: false });
  return readPolicy(text, path, checkPattern);
}

type Path = readonly PropertyKey[];

function reportIssue(
  document: Document,
  issue: z.core.$ZodIssue,
  report: (offset: number, message: string) => void,
): void {
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) {
      const full = [...issue.path, key];
      report(
        offsetAt(document, full),
        `unknown key ${full.join('.')}; docs/policy.md lists the keys, as does: yonder schema policy`,
      );
    }
    return;
  }
  const at = issue.path.length === 0 ? 'the file' : issue.path.join('.');
  const empty = valueAt(document, issue.path) === null;
  const problem = empty ? 'is empty; write a value, or take the line out' : issue.message;
  report(offsetAt(document, issue.path), `${at}: ${problem}`);
}

function valueAt(document: Document, path: Path): unknown {
  return document.getIn(path.map(String));
}

/** Of the key, or in a list of the item; of what is nearest above where there is neither. */
function offsetAt(document: Document, path: Path): number {
  for (let length = path.length; length > 0; length -= 1) {
    const parent = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
    const name = String(path[length - 1]);
    const pair: unknown = isMap(parent) ? parent.items.find((item) => keyOf(item) === name) : undefined;
    const node: unknown = isPair(pair) ? pair.key : document.getIn(path.slice(0, length), true);
    const offset = rangeOf(node);
    if (offset !== undefined) return offset;
  }
  return rangeOf(document.contents) ?? 0;
}

function keyOf({ key }: Pair): string {
  return String(isScalar(key) ? key.value : key);
}

function rangeOf(node: unknown): number | undefined {
  if (typeof node !== 'object' || node === null || !('range' in node) || !Array.isArray(node.range))
    return undefined;
  const [start] = node.range as unknown[];
  return typeof start === 'number' ? start : undefined;
}

/** Every permission pattern of the file, and where it stands. */
function patternsOf({ principals = {}, ...common }: PolicyFile): { path: Path; pattern: string }[] {
  return [
    ...patternsIn(common, []),
    ...Object.entries(principals).flatMap(([name, rules]) => patternsIn(rules, ['principals', name])),
  ];
}

function patternsIn(rules: PolicyRules, above: Path): { path: Path; pattern: string }[] {
  const lists: [Path, readonly string[] | undefined][] = [
    [['client_allow'], rules.client_allow],
    [['permissions', 'allow'], rules.permissions?.allow],
    [['permissions', 'ask'], rules.permissions?.ask],
    [['permissions', 'deny'], rules.permissions?.deny],
  ];
  return lists.flatMap(([path, patterns = []]) =>
    patterns.map((pattern, index) => ({ path: [...above, ...path, index], pattern })),
  );
}
