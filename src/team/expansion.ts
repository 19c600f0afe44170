import { isAlias, isCollection, isPair, type Alias, type Node } from 'yaml';

/** How many values aliases may stand for in all, and how deep a file may be nested. */
export const MAX_ALIASED_VALUES = 10_000;
export const MAX_DEPTH = 64;

interface Extent {
  /** Values in it, aliases written out. */
  values: number;
  depth: number;
}

export interface ExpansionFault {
  offset: number;
  message: string;
}

/**
 * Measures what a document would be with its aliases written out, without doing so: each node is looked at once. Undefined when it is within the limits.
 */
export function expansionFault(
  root: Node | null,
  targets: ReadonlyMap<Alias, Node>,
): ExpansionFault | undefined {
  const extents = new Map<unknown, Extent>();
  let aliased = 0;
  let fault: ExpansionFault | undefined;
  function refuse(node: Node, message: string): Extent {
    fault ??= { offset: node.range?.[0] ?? 0, message };
    return { values: 1, depth: 1 };
  }
  function aliasExtent(alias: Alias): Extent {
    const target = targets.get(alias);
    if (target === undefined) return refuse(alias, `there is no anchor "&${alias.source}" before this`);
    const extent = extents.get(target);
    if (extent === undefined)
      return refuse(alias, `the alias "*${alias.source}" stands inside of what it stands for`);
    aliased += extent.values;
    return aliased <= MAX_ALIASED_VALUES
      ? extent
      : refuse(
          alias,
          `the aliases up to here stand for more than ${MAX_ALIASED_VALUES} values; write less with them`,
        );
  }
  function measure(node: unknown): Extent {
    if (isAlias(node)) return aliasExtent(node);
    const parts = isCollection(node) ? node.items : isPair(node) ? [node.key, node.value] : [];
    const inner = parts.map((part) => measure(part));
    const extent = {
      values: inner.reduce((sum, part) => sum + part.values, 1),
      depth: inner.reduce((most, part) => Math.max(most, part.depth), 0) + (isPair(node) ? 0 : 1),
    };
    extents.set(node, extent);
    return isCollection(node) && extent.depth > MAX_DEPTH
      ? refuse(node, `nested deeper than ${MAX_DEPTH} levels`)
      : extent;
  }
  if (root !== null) measure(root);
  return fault;
}
