// Bundles the command. It is CommonJS: linking a few dozen ES modules and their views of Node's own modules takes an empty Node's whole
// time once more. The rooms that others import stay ES modules.
import path from 'node:path';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { packChunks } from './pack.ts';
import { build, type BuildOptions, type Metafile, type Plugin, transform } from 'esbuild';

const MAIN = 'src/cli/main.ts';

/** What `yonder run` loads on its way, with what these import at once. */
const OFTEN = [
  'src/cli/start.ts',
  'src/cli/commands/run.ts',
  'src/cli/backend.ts',
  'src/runner/providers/unix-local/provider.ts',
  'node_modules/@ai-sdk/openai/dist/index.js',
];

/**
 * `zod` made when it is used. provider-utils takes functions of its own from it, which need no schema; the MCP packages take more of it than there is here,
 * and are loaded by those who use them.
 */
const deferZod = (root: string): Plugin => ({
  name: 'deferred-zod',
  setup(bundler) {
    const deferred = path.join(root, 'scripts/bundle/deferred-zod.ts');
    bundler.onResolve({ filter: /^zod(\/v4)?$/ }, ({ importer }) =>
      importer === deferred || /provider-utils|@modelcontextprotocol/.test(importer)
        ? undefined
        : { path: deferred },
    );
  },
});

/** The provider packages make a `Headers` for each request, and with Node's own comes all of its network code. */
const plainHeaders = (root: string): Plugin => ({
  name: 'plain-headers',
  setup(bundler) {
    const plain = path.join(root, 'src/model/http/plain-response.ts');
    bundler.onLoad(
      { filter: /@ai-sdk[\\/]provider-utils[\\/]dist[\\/]index\.js$/ },
      async ({ path: file }) => ({
        contents: `import { PlainHeaders as Headers } from ${JSON.stringify(plain)};\n${await readFile(file, 'utf8')}`,
        loader: 'js',
      }),
    );
  },
});

/** What makes a bundle start sooner and changes nothing else. */
export const startsSooner = (root: string): Plugin[] => [deferZod(root), plainHeaders(root)];

/** Chunks by name, as CommonJS. */
export async function bundleCommand(root: string, out: string, common: BuildOptions): Promise<Metafile> {
  const { outputFiles, metafile } = await build({
    ...common,
    entryPoints: { main: MAIN },
    outdir: out,
    splitting: true,
    minify: false,
    write: false,
    metafile: true,
    define: { 'import.meta.url': 'importMetaUrl', 'import.meta.dirname': '__dirname' },
    plugins: [...startsSooner(root), ...(common.plugins ?? [])],
  });
  const chunks = await Promise.all(
    outputFiles.map(async ({ path: file, text }): Promise<[string, string]> => [
      path.basename(file).replace(/\.js$/, '.cjs'),
      await commonJs(text),
    ]),
  );
  await mkdir(out, { recursive: true });
  for (const [name, text] of await packChunks(new Map(chunks), metafile, { main: MAIN, often: OFTEN })) {
    await writeFile(path.join(out, name), text);
  }
  return metafile;
}

async function commonJs(text: string): Promise<string> {
  const { code } = await transform(text, {
    format: 'cjs',
    platform: 'node',
    target: 'node24',
    minify: true,
    legalComments: 'none',
    supported: { 'dynamic-import': false },
    banner: text.includes('importMetaUrl')
      ? 'const importMetaUrl=require("node:url").pathToFileURL(__filename).href;'
      : '',
  });
  return code.replaceAll(/\brequire\("\.\/([\w-]+)\.js"\)/g, 'require("./$1.cjs")');
}
