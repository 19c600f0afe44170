import { isScalar, type Node } from 'yaml';
import { isNothing } from '../findings.ts';
import type { Pair } from '../pairs.ts';
import { mapNode, textNode, type UpgradeTree } from './tree.ts';

/** From a version to the next; versions without a step carry over as they are (reference/docker-agent.md 5.9). */
export interface UpgradeStep {
  from: number;
  apply(tree: UpgradeTree): void;
}

/** In the order in which they are taken. */
export const STEPS: readonly UpgradeStep[] = [
  { from: 0, apply: fromZero },
  { from: 1, apply: fromOne },
  { from: 5, apply: fromFive },
  { from: 6, apply: fromSix },
];

/** A model's `type` is its provider; `todo`, `think` and `memory` of an agent are toolsets before its own. */
function fromZero(tree: UpgradeTree): void {
  for (const { map } of tree.entries('models')) {
    const pairs = tree.pairs(map);
    if (pairs.some((pair) => pair.name === 'provider')) continue;
    tree.rewrite(
      map,
      pairs.map((pair) => (pair.name === 'type' ? { ...pair, name: 'provider' } : pair)),
    );
  }
  for (const { name, map } of tree.entries('agents')) {
    for (const own of tree.take(map, ['name'])) {
      if (tree.text(own.value) === name) continue;
      tree.warn(own.offset, `the agent is called "${name}" by its key; its "name" does not count any more`);
    }
    const flags = tree.take(map, ['todo', 'think', 'memory']);
    const added = ['todo', 'think', 'memory'].flatMap((type) =>
      flags.filter((pair) => pair.name === type).flatMap((pair) => toolsetOf(tree, pair)),
    );
    tree.addToolsets(map, added, 'before');
  }
}

/** `true` and a mapping of options are the toolset, `false` is none. */
function toolsetOf(tree: UpgradeTree, { name, offset, value }: Pair): Node[] {
  if (isNothing(value) || (isScalar(value) && value.value === false)) return [];
  const options = tree.map(value);
  if (options === undefined && !(isScalar(value) && value.value === true)) {
    tree.refuse(offset, `"${name}" of version 0 takes true, false or a mapping`);
    return [];
  }
  const toolset = mapNode([['type', textNode(name, offset)]], offset);
  tree.rewrite(toolset, [...tree.pairs(toolset), ...(options === undefined ? [] : tree.pairs(options))]);
  return [toolset];
}

/** What named files and variables is gone: a team cannot set the environment of the one who runs it. */
function fromOne(tree: UpgradeTree): void {
  const instead = 'set the variables where you run it, or use --env-from-file';
  const refuse = (pairs: readonly Pair[], owner: string): void => {
    for (const { name, offset } of pairs)
      tree.refuse(offset, `the key "${name}" of ${owner} went away with version 2; ${instead}`);
  };
  if (tree.root !== undefined) refuse(tree.take(tree.root, ['env']), 'a team');
  for (const { map } of tree.entries('models')) refuse(tree.take(map, ['env']), 'a model');
  for (const { map } of tree.entries('agents')) {
    for (const toolset of tree.items(tree.pair(map, 'toolsets')?.value)) {
      const options = tree.map(toolset);
      if (options !== undefined) refuse(tree.take(options, ['env_file']), 'a toolset');
    }
  }
}

/** The sandbox of the shell is gone; the peer drops it without a word. */
function fromFive(tree: UpgradeTree): void {
  for (const { map } of tree.entries('agents')) {
    for (const toolset of tree.items(tree.pair(map, 'toolsets')?.value)) {
      const options = tree.map(toolset);
      if (options === undefined || tree.text(tree.pair(options, 'type')?.value) !== 'shell') continue;
      for (const { offset } of tree.take(options, ['sandbox']))
        tree.warn(
          offset,
          'the "sandbox" of a shell went away with version 6: its commands run in the working folder, unconfined',
        );
    }
  }
}

/** `rag: [names]` of an agent is one toolset each, and what stood under `rag` is the configuration of that toolset. */
function fromSix(tree: UpgradeTree): void {
  const rag = tree.map(tree.pair(tree.root, 'rag')?.value);
  if (rag !== undefined) {
    tree.rewrite(
      rag,
      tree
        .pairs(rag)
        .map((pair) =>
          isNothing(pair.value) || pair.value === null
            ? pair
            : { ...pair, value: mapNode([['rag_config', pair.value]], pair.offset) },
        ),
    );
  }
  for (const { map } of tree.entries('agents')) {
    const [named] = tree.take(map, ['rag']);
    if (named === undefined) continue;
    const toolsets = tree.items(named.value).map((name) =>
      mapNode(
        [
          ['type', textNode('rag', named.offset)],
          ['ref', name],
        ],
        named.offset,
      ),
    );
    tree.addToolsets(map, toolsets, 'behind');
  }
}
