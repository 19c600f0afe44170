import { suggestion } from '../protocol/nearest.ts';
import type { Keys, Shape } from './schema/key.ts';
import { teamRecord } from './schema/team.ts';

/** What is said about a key that does not belong: the nearest spelling, or where the key does belong. */
export function unknownKey(name: string, keys: Keys, title: string): string {
  const head = `unknown key "${name}" of ${title}`;
  const near = suggestion(name, Object.keys(keys));
  if (near !== '') return head + near;
  const homes = homesOf(name);
  if (homes.length > 0) return `${head}; it is a key of ${homes.slice(0, 3).join(' or of ')}`;
  return `${head}; there are ${Object.keys(keys).join(', ')}`;
}

/** The titles of the records that have such a key. */
function homesOf(name: string): string[] {
  const homes = new Set<string>();
  walkKeys(teamRecord, (title, key) => {
    if (key === name) homes.add(title);
  });
  return [...homes];
}

/** Calls `visit` for every key of the table, with the title of the record that it belongs to. */
export function walkKeys(shape: Shape, visit: (title: string, key: string, keys: Keys) => void): void {
  switch (shape.kind) {
    case 'list':
    case 'map':
      return walkKeys(shape.of, visit);
    case 'choice':
      return shape.shapes.forEach((option) => walkKeys(option, visit));
    case 'record':
      return walkRecord(shape.title, shape.keys, visit);
    case 'variant':
      for (const [type, variant] of Object.entries(shape.variants)) {
        walkRecord(`${shape.title} of type ${type}`, { ...shape.common, ...variant.keys }, visit);
      }
      return;
    default:
      return;
  }
}

function walkRecord(
  title: string,
  keys: Keys,
  visit: (title: string, key: string, keys: Keys) => void,
): void {
  for (const [name, key] of Object.entries(keys)) {
    visit(title, name, keys);
    walkKeys(key.shape, visit);
  }
}
