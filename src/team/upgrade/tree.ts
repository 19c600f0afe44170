import { isMap, isScalar, isSeq, Pair as YamlPair, Scalar, YAMLMap, YAMLSeq, type Node } from 'yaml';
import type { TeamWarning } from '../../protocol/team.ts';
import type { TeamDocument } from '../document.ts';
import { asNode, offsetOf, scalarText, type Findings } from '../findings.ts';
import { pairsOf, written, type Pair } from '../pairs.ts';
import type { TeamProblem } from '../problem.ts';

/**
 * A parsed team file while it is turned into one of the next version. Nodes are moved or made with the offsets of what they come from, so that
 * whatever is found wrong later points to a line that the person wrote.
 */
export class UpgradeTree {
  readonly warnings: TeamWarning[] = [];
  readonly problems: TeamProblem[] = [];
  readonly read: TeamDocument;
  /** What the walk itself finds is found again, and said, by the check that follows. */
  readonly #walk: Findings;

  constructor(read: TeamDocument) {
    this.read = read;
    this.#walk = { read, problems: [], unsupported: [], offsets: new Map(), newer: [] };
  }

  get root(): YAMLMap | undefined {
    return this.map(this.read.document.contents);
  }

  /** The mapping that a node is or stands for. */
  map(node: Node | null | undefined): YAMLMap | undefined {
    const found = written(this.#walk, node ?? null);
    return isMap(found) ? found : undefined;
  }

  items(node: Node | null | undefined): Node[] {
    const found = written(this.#walk, node ?? null);
    return isSeq(found) ? found.items.map((item) => asNode(item)).filter((item) => item !== null) : [];
  }

  text(node: Node | null | undefined): string {
    const found = written(this.#walk, node ?? null);
    return isScalar(found) ? scalarText(found.value) : '';
  }

  /** The keys of a mapping with those that `<<` brings in. */
  pairs(map: YAMLMap): Pair[] {
    return pairsOf(this.#walk, map);
  }

  pair(map: YAMLMap | undefined, name: string): Pair | undefined {
    return map === undefined ? undefined : this.pairs(map).find((pair) => pair.name === name);
  }

  /** The mappings under a key of the file, e.g. all agents, with their names. */
  entries(name: string): { name: string; map: YAMLMap }[] {
    const parent = this.map(this.pair(this.root, name)?.value);
    if (parent === undefined) return [];
    return this.pairs(parent).flatMap((pair) => {
      const map = this.map(pair.value);
      return map === undefined ? [] : [{ name: pair.name, map }];
    });
  }

  /** Gives a mapping these pairs; what came by `<<` is its own from now on. */
  rewrite(map: YAMLMap, pairs: readonly Pair[]): void {
    map.items = pairs.map(({ name, offset, value }) => new YamlPair(textNode(name, offset), value));
  }

  /** Takes keys out of a mapping and gives back what they were. */
  take(map: YAMLMap, names: readonly string[]): Pair[] {
    const pairs = this.pairs(map);
    const taken = pairs.filter((pair) => names.includes(pair.name));
    if (taken.length > 0)
      this.rewrite(
        map,
        pairs.filter((pair) => !taken.includes(pair)),
      );
    return taken;
  }

  /** Puts toolsets before or behind those of an agent; a list that is shared by an alias stays as it is. */
  addToolsets(agent: YAMLMap, added: readonly Node[], where: 'before' | 'behind'): void {
    const [first] = added;
    if (first === undefined) return;
    const pairs = this.pairs(agent);
    const own = pairs.find((pair) => pair.name === 'toolsets');
    const offset = own?.offset ?? offsetOf(first);
    const list = own?.value ?? null;
    // What is no list is left for the check to refuse.
    if (list !== null && !isSeq(written(this.#walk, list))) return;
    const items = this.items(list);
    const value = listNode(where === 'before' ? [...added, ...items] : [...items, ...added], offset);
    this.rewrite(agent, [
      ...pairs.filter((pair) => pair.name !== 'toolsets'),
      { name: 'toolsets', offset, value },
    ]);
  }

  warn(offset: number, message: string): void {
    this.warnings.push({ where: this.read.placeAt(offset), message });
  }

  refuse(offset: number, message: string): void {
    this.problems.push(this.read.problemAt(offset, message));
  }
}

export function textNode(value: string, offset: number): Scalar {
  return at(new Scalar(value), offset);
}

export function mapNode(entries: readonly (readonly [string, Node])[], offset: number): YAMLMap {
  const map = at(new YAMLMap(), offset);
  map.items = entries.map(([name, value]) => new YamlPair(textNode(name, offset), value));
  return map;
}

function listNode(items: readonly Node[], offset: number): YAMLSeq {
  const list = at(new YAMLSeq(), offset);
  list.items = [...items];
  return list;
}

function at<Made extends Node>(node: Made, offset: number): Made {
  node.range = [offset, offset, offset];
  return node;
}
