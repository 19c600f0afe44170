import { existsSync } from 'node:fs';
import path from 'node:path';
import { PUBLIC_ROOMS } from './rooms.ts';

export interface PublicEntry {
  /** Without extension, below dist/ and dist/types/. */
  name: string;
  source: string;
}

/** The public rooms that have an entry file now; what is not there yet is in no build and no manifest. */
export function publicEntries(root: string): PublicEntry[] {
  return PUBLIC_ROOMS.map((room) => ({ name: room, source: `src/${room}/index.ts` })).filter((entry) =>
    existsSync(path.join(root, entry.source)),
  );
}

/** The export map of package.json. `npm run generate` writes it. */
export function exportMap(root: string): Record<string, unknown> {
  const rooms = publicEntries(root).map(({ name }) => [
    `./${name}`,
    { types: `./dist/types/${name}/index.d.ts`, default: `./dist/${name}.js` },
  ]);
  return {
    ...Object.fromEntries(rooms),
    './openapi.json': './docs/openapi.json',
    './package.json': './package.json',
  };
}
