import { isScalar, LineCounter, parseDocument, visit } from 'yaml';
import type { Alias, Document, Node, ParsedNode, YAMLError } from 'yaml';
import type { TeamPlace } from '../protocol/team.ts';
import { expansionFault } from './expansion.ts';
import { scalarText } from './findings.ts';
import { invalidFile, invalidTeam, shownLine, type TeamProblem } from './problem.ts';

/** The largest team file, in bytes. */
export const MAX_TEAM_BYTES = 1024 * 1024;

/** A file that was read as YAML, and where in it things stand. */
export interface TeamDocument {
  file: string;
  document: Document.Parsed<ParsedNode>;
  /** What each alias stands for: the last anchor of its name before it. */
  aliases: ReadonlyMap<Alias, Node>;
  /** Line and column (from 1) of an offset into the text. */
  placeAt(offset: number): TeamPlace;
  problemAt(offset: number, message: string): TeamProblem;
}

/**
 * Reads the YAML of a team file. Throws `invalid_team` when it is empty, too large, binary or not YAML, has a tab in its indentation, more than one
 * document or unknown tags; a byte order mark and CRLF are fine. Duplicate keys are among the returned problems, since the rest can still be checked.
 */
export function parseTeamDocument(
  file: string,
  source: string,
): { read: TeamDocument; problems: TeamProblem[] } {
  if (Buffer.byteLength(source) > MAX_TEAM_BYTES) {
    throw invalidFile(
      file,
      'is over 1 MiB; a team file holds the team alone, keep other texts in files of their own',
    );
  }
  if (isBinary(source)) throw invalidFile(file, 'is binary, not a team file');
  const text = source.startsWith('\uFEFF') ? source.slice(1) : source;
  if (text.trim() === '') throw invalidFile(file, 'is empty; a team has at least one agent under `agents`');
  const lineCounter = new LineCounter();
  const document = parse(file, text, lineCounter);
  const lines = text.split(/\r\n|[\n\r]/);
  function placeAt(offset: number): TeamPlace {
    const { line, col } = lineCounter.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  }
  function problemAt(offset: number, message: string): TeamProblem {
    const where = placeAt(offset);
    const line = lines[where.line - 1];
    return { where, message, ...(line === undefined ? {} : shownLine(line, where.column)) };
  }
  const read: TeamDocument = { file, document, aliases: aliasTargets(document), placeAt, problemAt };
  const overflow = document.errors.find((fault) => fault.message.includes('call stack'));
  if (overflow !== undefined) throw invalidFile(file, 'is nested too deeply', overflow);
  const faults = [...document.errors, ...document.warnings].map((fault) =>
    problemAt(fault.pos[0], wording(fault)),
  );
  if (faults.length > 0) throw invalidTeam(firstOfEachPlace(faults));
  if (document.contents === null || (isScalar(document.contents) && document.contents.value === null)) {
    throw invalidFile(file, 'is empty; a team has at least one agent under `agents`');
  }
  const expansion = expansionFault(document.contents, read.aliases);
  if (expansion !== undefined) throw invalidTeam([problemAt(expansion.offset, expansion.message)]);
  return { read, problems: duplicateKeys(read) };
}

/** After a fault the parser reports more of it at the same place. */
function firstOfEachPlace(faults: readonly TeamProblem[]): TeamProblem[] {
  const seen = new Map(
    faults.toReversed().map((fault) => [`${fault.where.line}:${fault.where.column}`, fault]),
  );
  return [...seen.values()];
}

function parse(file: string, text: string, lineCounter: LineCounter): Document.Parsed<ParsedNode> {
  try {
    return parseDocument(text, { lineCounter, prettyErrors: false, uniqueKeys: false, logLevel: 'error' });
  } catch (cause) {
    // The parser recurses, so that a file of nothing but brackets ends its stack.
    if (cause instanceof RangeError) throw invalidFile(file, 'is nested too deeply', cause);
    throw cause;
  }
}

function isBinary(source: string): boolean {
  // oxlint-disable-next-line no-control-regex -- control characters are what makes it binary
  return /[\u0000-\u0008\u000e-\u001a\u001c-\u001f]/.test(source);
}

function wording(fault: YAMLError): string {
  switch (fault.code) {
    case 'TAB_AS_INDENT':
      return 'a tab in the indentation; use spaces';
    case 'MULTIPLE_DOCS':
      return 'a second document begins here; a team file is one document';
    case 'TAG_RESOLVE_FAILED':
      return 'a tag that team files do not know; write the plain value';
    default:
      return `not valid YAML: ${fault.message.slice(0, 1).toLowerCase()}${fault.message.slice(1)}`;
  }
}

/** All aliases in one pass: the library looks through the whole document for each. */
function aliasTargets(document: Document.Parsed<ParsedNode>): Map<Alias, Node> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  visit(document, {
    Alias(_, node) {
      const target = anchors.get(node.source);
      if (target !== undefined) targets.set(node, target);
    },
    Value(_, node) {
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
    },
  });
  return targets;
}

function duplicateKeys(read: TeamDocument): TeamProblem[] {
  const problems: TeamProblem[] = [];
  visit(read.document, {
    Map(_, node) {
      const seen = new Map<string, number>();
      for (const { key } of node.items) {
        if (!isScalar(key)) continue;
        const name = scalarText(key.value);
        const offset = key.range?.[0] ?? 0;
        const first = seen.get(name);
        if (first === undefined) seen.set(name, offset);
        else {
          const line = read.placeAt(first).line;
          problems.push(
            read.problemAt(
              offset,
              `the key "${name}" stands here a second time; the first is in line ${line}`,
            ),
          );
        }
      }
    },
  });
  return problems;
}
