import { isAlias, isMap, isScalar, isSeq, type Node } from 'yaml';
import type { TeamWarning, UnsupportedItem } from '../protocol/team.ts';
import type { TeamDocument } from './document.ts';
import type { TeamProblem } from './problem.ts';
import { memberPath } from './member-path.ts';

/** What the walk over a document collects. Offsets are those of the values, under their path of keys. */
export interface Findings {
  read: TeamDocument;
  problems: TeamProblem[];
  unsupported: UnsupportedItem[];
  /** Keys that came after the version which the file says it has. */
  newer: TeamWarning[];
  /** Of the file; the latest when absent. */
  version?: number | undefined;
  offsets: Map<string, number>;
}

/** Where the walk is. */
export interface Spot {
  path: string;
  /** Inside of something that is refused as a whole. */
  refused: boolean;
}

/** Notes something wrong at a node and says that there is no value. */
export function wrongType(found: Findings, node: Node, expected: string): undefined {
  const seen = isMap(node)
    ? 'a mapping'
    : isSeq(node)
      ? 'a list'
      : describeScalar(isScalar(node) ? node.value : null);
  found.problems.push(found.read.problemAt(offsetOf(node), `expected ${expected}, found ${seen}`));
  return undefined;
}

function describeScalar(value: unknown): string {
  if (value === null) return 'nothing';
  if (typeof value === 'string') return `the text "${value.length > 40 ? `${value.slice(0, 40)}…` : value}"`;
  return typeof value === 'boolean' ? String(value) : `the number ${scalarText(value)}`;
}

export function isNothing(node: Node | null): boolean {
  return node === null || (isScalar(node) && node.value === null);
}

/** The spot of a member. */
export function inside(spot: Spot, name: string): Spot {
  return { ...spot, path: memberPath(spot.path, name) };
}

/** The spot of an item of a list. */
export function itemOf(spot: Spot, index: number): Spot {
  return { ...spot, path: `${spot.path}[${index}]` };
}

/** A scalar as a text: a key may be written as a number or a flag. */
export function scalarText(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint'
    ? value.toString()
    : '';
}

export function offsetOf(node: Node): number {
  return node.range?.[0] ?? 0;
}

/** The library types the members of a collection as unknown; they are nodes in a parsed document. */
export function asNode(value: unknown): Node | null {
  return isScalar(value) || isMap(value) || isSeq(value) || isAlias(value) ? value : null;
}
