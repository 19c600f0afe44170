// Puts the parts of the command into few files. Finding, reading and wrapping some fifty small ones takes an empty Node's whole time once
// more; in one file each is a function that is called when somebody first asks for it. `loader.ts` is who is asked.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Metafile, transform } from 'esbuild';

const LOADER = 'load.cjs';
const PACK = 'pack.cjs';
/** Larger ones stay files of their own, so that nobody reads them in vain, unless every run needs them. Characters. */
const LARGE = 60_000;

/** Sources, by the end of their paths; each has a chunk of its own. */
export interface Ways {
  /** What Node itself loads, before anybody is asked. */
  main: string;
  /** What nearly every start loads, whatever its size. */
  often: readonly string[];
}

/** The files of the command, by name; `chunks` are the texts of CommonJS modules by name. */
export async function packChunks(
  chunks: ReadonlyMap<string, string>,
  metafile: Metafile,
  { main, often }: Ways,
): Promise<Map<string, string>> {
  const wanted = reachable(metafile, often);
  const plain = reachable(metafile, [main]);
  const parts = [...chunks].filter(([name]) => !plain.has(name));
  const packed = parts.filter(([name, text]) => wanted.has(name) || text.length < LARGE);
  const bodies = packed.map(([name, text]) => `"${name}"(require,module,exports){${text}\n}`);
  const files = new Map([[PACK, inside(`{${bodies.join(',\n')}}`)]]);
  for (const [name, text] of parts.filter((part) => !packed.includes(part))) {
    files.set(name, inside(`function(require,module,exports){${text}\n}`));
  }
  const digests = Object.fromEntries([...files].map(([name, text]) => [name, digest(text)]));
  const names = packed.map(([name]) => name);
  files.set(LOADER, await loader(digests, names, [...plain]));
  for (const name of plain) {
    const text = (chunks.get(name) ?? '').replaceAll(
      /\brequire\("\.\/([\w-]+\.cjs)"\)/g,
      (call, asked: string) => (plain.has(asked) ? call : `require("./${LOADER}").load("${asked}")`),
    );
    files.set(name, text);
  }
  return files;
}

const inside = (value: string): string => `(function(__filename,__dirname){return ${value}})`;

async function loader(
  digests: Record<string, string>,
  packed: readonly string[],
  plain: readonly string[],
): Promise<string> {
  const source = await readFile(path.join(import.meta.dirname, 'loader.ts'), 'utf8');
  const { code } = await transform(source, {
    loader: 'ts',
    format: 'cjs',
    platform: 'node',
    target: 'node24',
    minify: true,
    define: {
      FILES: JSON.stringify(digests),
      PACK: JSON.stringify(PACK),
      PACKED: JSON.stringify(packed),
      PLAIN: JSON.stringify(plain),
    },
  });
  return code;
}

/** Names of the chunks of these sources and of what they import at once. */
function reachable({ outputs }: Metafile, sources: readonly string[]): Set<string> {
  const found = new Set<string>();
  const visit = (output: string): void => {
    const name = path.basename(output).replace(/\.js$/, '.cjs');
    if (found.has(name)) return;
    found.add(name);
    for (const { path: imported, kind, external } of outputs[output]?.imports ?? []) {
      if (kind === 'import-statement' && external !== true) visit(imported);
    }
  };
  for (const source of sources) {
    const output = Object.keys(outputs).find((name) => outputs[name]?.entryPoint?.endsWith(source) === true);
    if (output === undefined) throw new Error(`${source} has no chunk of its own: scripts/bundle/pack.ts`);
    visit(output);
  }
  return found;
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);
