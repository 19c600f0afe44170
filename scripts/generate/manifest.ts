import { readFileSync } from 'node:fs';
import path from 'node:path';
import { exportMap } from '../public-entries.ts';

/** package.json with the export map of the public rooms that are there. */
export function manifest(root: string): string {
  const text = readFileSync(path.join(root, 'package.json'), 'utf8');
  const fields: [string, unknown][] = Object.entries(JSON.parse(text));
  const others = fields.filter(([name]) => name !== 'exports');
  const place = others.findIndex(([name]) => name === 'bin') + 1;
  const all = others.toSpliced(place, 0, ['exports', exportMap(root)]);
  return `${JSON.stringify(Object.fromEntries(all), null, 2)}\n`;
}
