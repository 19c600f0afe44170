// Bundles src/ into dist/: the command and the public rooms, in chunks that load when they are needed.
//
//   node scripts/build.ts [--types] [--out FOLDER]      --types adds declarations, which only a release needs
import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { build, type BuildOptions, type Metafile, type Plugin } from 'esbuild';
import { bundleCommand } from './bundle/command.ts';
import { publicEntries } from './public-entries.ts';

const root = path.dirname(import.meta.dirname);
const { values: options } = parseArgs({
  options: { types: { type: 'boolean', default: false }, out: { type: 'string', default: 'dist' } },
});
const begun = new Date();
const dist = path.resolve(root, options.out);
/** Filled first and renamed at the end, so that nobody runs half a build. */
const fresh = `${dist}-${process.pid}`;

/** Loaded by web-tree-sitter while it runs, so they lie beside the chunks. */
const wasmFiles = ['web-tree-sitter/web-tree-sitter.wasm', 'tree-sitter-bash/tree-sitter-bash.wasm'];

/** Not ours to carry: who runs our contract suite brings the test runner, and the keyring has native parts for each system. */
const external = ['vitest', 'fast-check', '@napi-rs/keyring'];

/**
 * CommonJS packages `require` parts of Node, which an ES module cannot. Asking the process for them works there, and unlike a
 * `createRequire` in every chunk it brings no `node:` import into the rooms that a browser loads.
 */
const builtinRequires: Plugin = {
  name: 'builtin-requires',
  setup(bundler) {
    const known = new Set(builtinModules);
    bundler.onLoad({ filter: /[\\/]node_modules[\\/].*\.c?js$/ }, async ({ path: file }) => {
      const source = await readFile(file, 'utf8');
      if (!source.includes('require(')) return undefined;
      const contents = source
        .replace(/\brequire\((['"])(?:node:)?([\w/]+)\1\)/g, (call, _quote, name: string) =>
          known.has(name) ? `process.getBuiltinModule("node:${name}")` : call,
        )
        // As CommonJS it would become a `require` too, where web-tree-sitter has a variable of that name which is not set yet.
        .replace(/\bimport\((['"])(?:node:)?([\w/]+)\1\)/g, (call, _quote, name: string) =>
          known.has(name) ? `Promise.resolve(process.getBuiltinModule("node:${name}"))` : call,
        );
      return { contents, loader: 'js' };
    });
  },
};

/** Asked for by the package for Mistral when somebody talks to a model by voice, which Yonder does not. */
const absent: Plugin = {
  name: 'absent',
  setup(bundler) {
    bundler.onResolve({ filter: /^livekit-client$/ }, ({ path: name }) => ({
      path: name,
      namespace: 'absent',
    }));
    bundler.onLoad({ filter: /.*/, namespace: 'absent' }, () => ({
      contents: 'throw new Error("voice is not part of this program"); export {};',
      loader: 'js',
    }));
  },
};

const common = {
  absWorkingDir: root,
  bundle: true,
  minify: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  // Beside the .wasm files, which the chunks look for in their own folder.
  chunkNames: '[name]-[hash]',
  legalComments: 'none',
  external,
  plugins: [builtinRequires, absent],
  logLevel: 'warning',
} satisfies BuildOptions;

/** The rooms that others import, and the command, in a folder of its own. */
async function bundle(): Promise<Metafile[]> {
  const rooms = publicEntries(root).map(({ name, source }) => [name, source]);
  const entryPoints = Object.fromEntries(rooms) as Record<string, string>;
  const { metafile } = await build({
    ...common,
    entryPoints,
    outdir: fresh,
    splitting: true,
    metafile: true,
  });
  return [metafile, await bundleCommand(root, path.join(fresh, 'cli'), common)];
}

/** The packages that went into the bundle, by folder. */
function bundledPackages(metafiles: readonly Metafile[]): string[] {
  const inputs = metafiles.flatMap((metafile) => Object.keys(metafile.inputs));
  const folders = inputs.flatMap((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? []);
  return [...new Set([...folders, 'node_modules/tree-sitter-bash'])].toSorted();
}

/** Name, version and licence text of all that is carried in the bundle, as their licences ask. */
async function licenses(folders: readonly string[]): Promise<string> {
  const parts = await Promise.all(
    folders.map(async (folder) => {
      const manifest: { name: string; version: string; license?: string } = JSON.parse(
        await readFile(path.join(root, folder, 'package.json'), 'utf8'),
      );
      const text = await licenseText(path.join(root, folder));
      return `${manifest.name} ${manifest.version} (${manifest.license ?? 'see text'})\n\n${text}`;
    }),
  );
  return parts.join(`\n${'-'.repeat(80)}\n\n`);
}

async function licenseText(folder: string): Promise<string> {
  for (const name of ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'LICENCE', 'license']) {
    const text = await readFile(path.join(folder, name), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (text !== undefined) return text;
  }
  return 'The package carries no licence file of its own.\n';
}

/** Declarations for the public rooms. Type errors are printed by the compiler; the build then ends without a dist/ of its own. */
function declarations(): void {
  const tsc = path.join(root, 'node_modules/.bin/tsc');
  const outDir = path.join(fresh, 'types');
  const { status } = spawnSync(tsc, ['-p', 'scripts/tsconfig.types.json', '--outDir', outDir], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) throw new Error('the declarations could not be written, see above');
}

async function fill(): Promise<Metafile[]> {
  await mkdir(fresh, { recursive: true });
  const metafiles = await bundle();
  for (const file of wasmFiles) {
    for (const folder of [fresh, path.join(fresh, 'cli')]) {
      await copyFile(path.join(root, 'node_modules', file), path.join(folder, path.basename(file)));
    }
  }
  await writeFile(path.join(fresh, 'third-party.txt'), await licenses(bundledPackages(metafiles)));
  if (options.types) declarations();
  const stamp = path.join(fresh, '.built');
  await writeFile(stamp, '');
  // As old as the beginning: a source that changed since then is newer.
  await utimes(stamp, begun, begun);
  return metafiles;
}

async function replaceDist(): Promise<void> {
  await rm(dist, { recursive: true, force: true });
  await rename(fresh, dist);
}

try {
  const outputs = (await fill()).flatMap((metafile) => Object.values(metafile.outputs));
  await replaceDist();
  const bytes = outputs.reduce((sum, output) => sum + output.bytes, 0);
  const seconds = ((Date.now() - begun.getTime()) / 1000).toFixed(1);
  console.error(`built ${outputs.length} files, ${Math.round(bytes / 1024)} KiB, in ${seconds} s`);
} catch (error) {
  // esbuild and tsc have said what is wrong by now.
  console.error(`build failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  await rm(fresh, { recursive: true, force: true });
}
