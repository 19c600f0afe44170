import { isAlias, isMap, isScalar, isSeq, type Node, type YAMLMap } from 'yaml';
import { asNode, offsetOf, type Findings, type Spot } from './findings.ts';

/** How many nodes may be reached through aliases, and how deep a file may be nested. */
const MAX_ALIASED_NODES = 10_000;
const MAX_DEPTH = 64;

/** A key of a mapping, where the key stands, and its value as it was written. */
export interface Pair {
  name: string;
  offset: number;
  value: Node | null;
}

/** The pairs of a mapping with what `<<` brings in; the mapping's own keys win. */
export function pairsOf(found: Findings, node: YAMLMap, spot: Spot): Pair[] {
  const own = new Map<string, Pair>();
  const merged: Pair[] = [];
  for (const item of node.items) {
    const key = asNode(item.key);
    if (!isScalar(key) || key.value === null) {
      found.problems.push(
        found.read.problemAt(key === null ? offsetOf(node) : offsetOf(key), 'a key must be a plain text'),
      );
      continue;
    }
    const value = asNode(item.value);
    if (key.value === '<<') merged.push(...mergedPairs(found, value, spot));
    else if (!own.has(String(key.value)))
      own.set(String(key.value), { name: String(key.value), offset: offsetOf(key), value });
  }
  for (const pair of merged) if (!own.has(pair.name)) own.set(pair.name, pair);
  return [...own.values()];
}

function mergedPairs(found: Findings, value: Node | null, from: Spot): Pair[] {
  const { node, spot } = resolveAlias(found, value, { ...from, depth: from.depth + 1 });
  if (node === undefined || exceeds(found, node, spot)) return [];
  if (isMap(node)) return pairsOf(found, node, spot);
  if (isSeq(node)) return node.items.flatMap((item) => mergedPairs(found, asNode(item), spot));
  found.problems.push(
    found.read.problemAt(offsetOf(node), '"<<" takes an alias of a mapping, or a list of them'),
  );
  return [];
}

/** What an alias stands for, with a problem noted where there is no such anchor. */
export function resolveAlias(
  found: Findings,
  node: Node | null,
  spot: Spot,
): { node: Node | undefined; spot: Spot } {
  if (node === null) return { node: undefined, spot };
  if (!isAlias(node)) return { node, spot };
  const target = found.read.aliases.get(node);
  if (target === undefined)
    found.problems.push(found.read.problemAt(offsetOf(node), `there is no anchor "&${node.source}"`));
  return { node: target, spot: { ...spot, aliased: true } };
}

/** Whether a limit of expansion or depth is met; then nothing below is looked at. */
export function exceeds(found: Findings, node: Node, spot: Spot): boolean {
  if (spot.aliased) found.aliasedNodes += 1;
  const bomb = found.aliasedNodes > MAX_ALIASED_NODES;
  if (!bomb && spot.depth <= MAX_DEPTH) return false;
  const message = bomb
    ? `aliases make more than ${MAX_ALIASED_NODES} values of this file; write less with them`
    : `nested deeper than ${MAX_DEPTH} levels${spot.aliased ? ', by an alias that holds itself' : ''}`;
  if (!found.exhausted) found.problems.push(found.read.problemAt(offsetOf(node), message));
  found.exhausted = true;
  // Nothing more is expanded once a limit was met: the answer is no.
  found.aliasedNodes = spot.aliased ? MAX_ALIASED_NODES + 1 : found.aliasedNodes;
  return true;
}
