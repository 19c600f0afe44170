import { isAlias, isMap, isScalar, isSeq, type Node, type YAMLMap } from 'yaml';
import { asNode, offsetOf, scalarText, type Findings } from './findings.ts';

/** A key of a mapping, where the key stands, and its value as it was written. */
export interface Pair {
  name: string;
  offset: number;
  value: Node | null;
}

/** The pairs of a mapping with what `<<` brings in; the mapping's own keys win. */
export function pairsOf(found: Findings, node: YAMLMap): Pair[] {
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
    const name = scalarText(key.value);
    if (name === '<<') merged.push(...mergedPairs(found, value));
    else if (!own.has(name)) own.set(name, { name, offset: offsetOf(key), value });
  }
  for (const pair of merged) if (!own.has(pair.name)) own.set(pair.name, pair);
  return [...own.values()];
}

function mergedPairs(found: Findings, value: Node | null): Pair[] {
  const node = written(found, value);
  if (isMap(node)) return pairsOf(found, node);
  if (isSeq(node)) return node.items.flatMap((item) => mergedPairs(found, asNode(item)));
  const offset = node === null ? 0 : offsetOf(node);
  found.problems.push(found.read.problemAt(offset, '"<<" takes an alias of a mapping, or a list of them'));
  return [];
}

/** The node itself, or what its alias stands for. */
export function written(found: Findings, node: Node | null): Node | null {
  return isAlias(node) ? (found.read.aliases.get(node) ?? null) : node;
}
