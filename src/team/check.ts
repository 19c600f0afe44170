import { isMap, isScalar, isSeq, type Node, type YAMLMap, type YAMLSeq } from 'yaml';
import type { TeamPlace, TeamWarning, UnsupportedItem } from '../protocol/team.ts';
import type { TeamDocument } from './document.ts';
import { suggestion } from '../protocol/nearest.ts';
import type { TeamProblem } from './problem.ts';
import { checkScalar } from './check-scalar.ts';
import {
  asNode,
  inside,
  isNothing,
  itemOf,
  offsetOf,
  wrongType,
  type Findings,
  type Spot,
} from './findings.ts';
import { pairsOf, written, type Pair } from './pairs.ts';
import { unknownKey } from './unknown-key.ts';
import type { ChoiceShape, Keys, Shape, VariantShape } from './schema/key.ts';

export interface Checked {
  value: unknown;
  problems: TeamProblem[];
  unsupported: UnsupportedItem[];
  newer: TeamWarning[];
  /** Where the value with this path of keys stands; the file's beginning for a path that is not in the file. */
  placeOf(path: string): TeamPlace;
  problemAt(path: string, message: string): TeamProblem;
}

/** Walks a document along a shape and finds everything that is wrong with it at once. `version`: what the file says; the latest when absent. */
export function checkDocument(read: TeamDocument, shape: Shape, version?: number): Checked {
  const found: Findings = {
    read,
    problems: [],
    unsupported: [],
    newer: [],
    version,
    offsets: new Map(),
  };
  const value = checkNode(found, read.document.contents, shape, {
    path: '',
    refused: false,
  });
  const offsetOf = (path: string): number => found.offsets.get(path) ?? 0;
  return {
    value,
    problems: found.problems,
    unsupported: found.unsupported,
    newer: found.newer,
    placeOf: (path) => read.placeAt(offsetOf(path)),
    problemAt: (path, message) => read.problemAt(offsetOf(path), message),
  };
}

function checkNode(found: Findings, source: Node | null, shape: Shape, spot: Spot): unknown {
  const node = written(found, source);
  if (node === null) return undefined;
  found.offsets.set(spot.path, offsetOf(node));
  switch (shape.kind) {
    case 'text':
    case 'number':
    case 'flag':
      return checkScalar(found, node, shape);
    case 'any':
      return plainValue(found, node, spot);
    case 'list':
      if (!isSeq(node)) return wrongType(found, node, 'a list');
      return checkList(found, node, shape.of, spot);
    case 'map':
      if (!isMap(node)) return wrongType(found, node, 'a mapping');
      return checkMap(found, node, shape.of, spot);
    case 'record':
      if (!isMap(node)) return wrongType(found, node, 'a mapping');
      return checkRecord(found, node, shape.keys, shape.title, spot);
    case 'variant':
      if (!isMap(node)) return wrongType(found, node, 'a mapping');
      return checkVariant(found, node, shape, spot);
    case 'choice':
      return checkNode(found, node, chosen(shape, node), spot);
  }
}

/** The items that are right. They are counted as they are kept, so that paths fit the value that is handed on. */
function checkList(found: Findings, node: YAMLSeq, of: Shape, spot: Spot): unknown[] {
  const kept: unknown[] = [];
  for (const item of node.items) {
    const value = checkNode(found, asNode(item), of, itemOf(spot, kept.length));
    if (value !== undefined) kept.push(value);
  }
  return kept;
}

function checkMap(found: Findings, node: YAMLMap, of: Shape, spot: Spot): Record<string, unknown> {
  const entries = pairsOf(found, node).map((pair) => {
    if (pair.value === null)
      found.problems.push(found.read.problemAt(pair.offset, `"${pair.name}" has no value`));
    return [pair.name, checkNode(found, pair.value, of, inside(spot, pair.name))] as const;
  });
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

function checkRecord(
  found: Findings,
  node: YAMLMap,
  keys: Keys,
  title: string,
  spot: Spot,
): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  const pairs = pairsOf(found, node);
  for (const pair of pairs) {
    const known = Object.hasOwn(keys, pair.name) ? keys[pair.name] : undefined;
    if (known === undefined) {
      found.problems.push(found.read.problemAt(pair.offset, unknownKey(pair.name, keys, title)));
      continue;
    }
    if (isNothing(pair.value)) continue;
    noteNewer(found, pair, known.since, title);
    const member = inside(spot, pair.name);
    const refused = refuse(found, pair, known.later, member);
    value[pair.name] = checkNode(found, pair.value, known.shape, { ...member, refused });
  }
  for (const [name, known] of Object.entries(keys)) {
    if (known.required !== true || Object.hasOwn(value, name)) continue;
    found.problems.push(found.read.problemAt(offsetOf(node), `${title} needs the key "${name}"`));
  }
  return value;
}

/** The peer refuses such a key; here it counts, and is said. */
function noteNewer(found: Findings, { name, offset }: Pair, since: number | undefined, title: string): void {
  const { version } = found;
  if (version === undefined || since === undefined || since <= version) return;
  found.newer.push({
    where: found.read.placeAt(offset),
    message: `the key "${name}" of ${title} came with version ${since}, and this file says version ${version}; it counts all the same`,
  });
}

function checkVariant(found: Findings, node: YAMLMap, shape: VariantShape, spot: Spot): unknown {
  const typePair = pairsOf(found, node).find((pair) => pair.name === 'type');
  const types = Object.keys(shape.variants);
  if (typePair === undefined || isNothing(typePair.value)) {
    found.problems.push(
      found.read.problemAt(offsetOf(node), `${shape.title} needs the key "type": one of ${types.join(', ')}`),
    );
    return undefined;
  }
  const type = checkNode(found, typePair.value, { kind: 'text' }, inside(spot, 'type'));
  if (typeof type !== 'string') return undefined;
  const variant = Object.hasOwn(shape.variants, type) ? shape.variants[type] : undefined;
  if (variant === undefined) {
    const hint = suggestion(type, types) || `; there are ${types.join(', ')}`;
    found.problems.push(
      found.read.problemAt(
        offsetOf(typePair.value ?? node),
        `unknown type "${type}" of ${shape.title}${hint}`,
      ),
    );
    return undefined;
  }
  const refused = refuse(found, typePair, variant.later, spot);
  return checkRecord(found, node, { ...shape.common, ...variant.keys }, `${shape.title} of type ${type}`, {
    ...spot,
    refused,
  });
}

/** Notes a key that is not built yet, once; `false` asks for nothing and is let through. */
function refuse(found: Findings, pair: Pair, later: string | undefined, spot: Spot): boolean {
  if (later === undefined || spot.refused) return spot.refused;
  if (isScalar(pair.value) && pair.value.value === false) return false;
  found.unsupported.push({ key: spot.path, feature: later, where: found.read.placeAt(pair.offset) });
  return true;
}

function plainValue(found: Findings, node: Node, spot: Spot): unknown {
  if (isMap(node)) {
    return Object.fromEntries(
      pairsOf(found, node).map((pair) => [
        pair.name,
        checkNode(found, pair.value, { kind: 'any' }, inside(spot, pair.name)) ?? null,
      ]),
    );
  }
  if (isSeq(node)) {
    return node.items.map(
      (item, index) => checkNode(found, asNode(item), { kind: 'any' }, itemOf(spot, index)) ?? null,
    );
  }
  const value: unknown = isScalar(node) ? node.value : null;
  if (
    value === null ||
    ['string', 'boolean'].includes(typeof value) ||
    (typeof value === 'number' && Number.isFinite(value))
  )
    return value;
  return wrongType(found, node, 'a value that JSON can say');
}

function chosen(shape: ChoiceShape, node: Node): Shape {
  const kinds: readonly string[] = isMap(node)
    ? ['map', 'record', 'variant']
    : isSeq(node)
      ? ['list']
      : isScalar(node) && typeof node.value === 'number'
        ? ['number']
        : isScalar(node) && typeof node.value === 'boolean'
          ? ['flag']
          : ['text'];
  const fitting = shape.shapes.find((option) => kinds.includes(option.kind)) ?? shape.shapes[0];
  return fitting ?? { kind: 'any' };
}
