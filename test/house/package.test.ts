import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseSync } from 'oxc-parser';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { moduleImports } from '../../scripts/module-imports.ts';

interface Manifest {
  version: string;
  bin: Record<string, string>;
  files: string[];
  exports: Record<string, string | Record<string, string>>;
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

const root = path.dirname(path.dirname(import.meta.dirname));
const manifest: Manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const scratch = mkdtempSync(path.join(tmpdir(), 'yonder-package-'));
const built = path.join(scratch, 'package');
const prefix = path.join(scratch, 'prefix');
let tarball = '';

function npm(folder: string, ...args: string[]): string {
  return execFileSync('npm', [...args, '--loglevel=error', '--no-audit', '--no-fund'], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** The package as a release makes it, in a folder of its own: the clone's dist/ belongs to the other suites. */
beforeAll(() => {
  mkdirSync(built);
  for (const name of ['package.json', 'README.md', 'LICENSE', ...manifest.files].filter(
    (file) => file !== 'dist',
  )) {
    if (existsSync(path.join(root, name)))
      cpSync(path.join(root, name), path.join(built, name), { recursive: true });
  }
  execFileSync(process.execPath, ['scripts/build.ts', '--types', '--out', path.join(built, 'dist')], {
    cwd: root,
    stdio: 'inherit',
  });
  tarball = path.join(built, npm(built, 'pack').trim());
  npm(scratch, 'install', '--global', '--prefix', prefix, tarball);
}, 120_000);

afterAll(() => rmSync(scratch, { recursive: true }));

test('the tarball holds every file that package.json names', () => {
  const packed = new Set(execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' }).trim().split('\n'));
  const entries = Object.values(manifest.exports).flatMap((entry) =>
    typeof entry === 'string' ? [entry] : Object.values(entry),
  );
  const paths = [...Object.values(manifest.bin), ...entries, 'LICENSE', 'README.md', 'dist/third-party.txt'];
  expect(
    paths.map((name) => `package/${name.replace(/^\.\//, '')}`).filter((name) => !packed.has(name)),
  ).toEqual([]);
});

test('the tarball holds no source, no test and no map', () => {
  const packed = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' }).trim().split('\n');
  expect(packed.filter((name) => /^package\/(src|test|scripts|bench)\/|\.map$/.test(name))).toEqual([]);
});

test('installed into an empty prefix it runs outside the clone', () => {
  const elsewhere = path.join(scratch, 'elsewhere');
  mkdirSync(elsewhere);
  const result = spawnSync(path.join(prefix, 'bin/yonder'), ['version'], {
    cwd: elsewhere,
    encoding: 'utf8',
    env: { PATH: `${path.dirname(process.execPath)}:/usr/bin:/bin`, HOME: elsewhere },
  });
  expect(result.stderr).toBe('');
  expect(result.stdout).toContain(manifest.version);
  expect(result.status).toBe(0);
});

test('each public room can be imported by its name', () => {
  const rooms = Object.keys(manifest.exports).filter(
    (name) => !name.endsWith('.json') && name !== './testing',
  );
  const code = rooms.map((room) => `await import('yonder-agents${room.slice(1)}');`).join('\n');
  const file = path.join(prefix, 'lib', 'try.mjs');
  writeFileSync(file, code);
  const result = spawnSync(process.execPath, [file], { encoding: 'utf8' });
  expect(result.stderr).toBe('');
  expect(result.status).toBe(0);
});

test('the declarations hold for who compiles against them, and refuse a wrong use', () => {
  const folder = path.join(prefix, 'lib');
  writeFileSync(path.join(folder, 'package.json'), '{"type": "module"}');
  const use = [
    "import { openStore } from 'yonder-agents/session';",
    "const store = await openStore({ path: ':memory:' });",
    "export const right: number = await store.head('s');",
    "export const wrong: string = await store.head('s');",
  ];
  writeFileSync(path.join(folder, 'use.ts'), use.join('\n'));
  const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', '--pretty', 'false'];
  const types = ['--types', 'node', '--typeRoots', path.join(root, 'node_modules/@types')];
  const tsc = path.join(root, 'node_modules/.bin/tsc');
  const result = spawnSync(tsc, [...options, ...types, 'use.ts'], { cwd: folder, encoding: 'utf8' });
  expect(result.stdout).toBe(
    "use.ts(4,14): error TS2322: Type 'number' is not assignable to type 'string'.\n",
  );
});

test('an older Node gets one line that says what to do', () => {
  const fake = "Object.defineProperty(process.versions, 'node', { value: '20.20.2' })";
  const result = spawnSync(
    process.execPath,
    [
      '--import',
      `data:text/javascript,${encodeURIComponent(fake)}`,
      path.join(root, 'bin/yonder.js'),
      'version',
    ],
    { encoding: 'utf8' },
  );
  expect(result.stdout).toBe('');
  expect(result.stderr).toBe(
    'yonder needs Node 24 or newer, and this is 20.20.2: run `npm install -g node@24`, or `nvm install 24`, and try again.\n',
  );
  expect(result.status).toBe(2);
});

const oldNode = ['/usr/bin/node', '/usr/local/bin/node'].find(
  (binary) =>
    existsSync(binary) && Number(execFileSync(binary, ['-p', 'process.versions.node.split(".")[0]'])) < 24,
);

test.runIf(oldNode !== undefined)('a real older Node gets it too', () => {
  const result = spawnSync(String(oldNode), [path.join(root, 'bin/yonder.js')], { encoding: 'utf8' });
  expect(result.stdout).toBe('');
  expect(result.stderr).toMatch(/^yonder needs Node 24 or newer, and this is [\d.]+: .*\n$/);
  expect(result.status).toBe(2);
});

function chunk(name: string): string {
  return readFileSync(path.join(built, 'dist', name), 'utf8');
}

const chunks = () => readdirSync(path.join(built, 'dist')).filter((name) => name.endsWith('.js'));

/** What a text requires by a word that is written out. Behind a quotation mark it is a text itself, of a package that writes programs. */
function required(text: string): { specifier: string }[] {
  const calls = text.matchAll(/(?<![\w$"'`])(?:require|getBuiltinModule)\((["'])([^"']+)\1\)/g);
  return [...calls].map(([, , specifier = '']) => ({ specifier }));
}

test('the command asks for nothing but its own files, Node and what the manifest names', () => {
  const declared = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
  const files = readdirSync(path.join(built, 'dist/cli')).filter((name) => name.endsWith('.cjs'));
  const wanted = files.flatMap((name) =>
    required(chunk(path.join('cli', name))).map(({ specifier }) => [name, specifier] as const),
  );
  const parts = [...chunk('cli/pack.cjs').matchAll(/"([\w-]+\.cjs)"\(require,module,exports\)/g)];
  const own = [...files, ...parts.map(([, name = '']) => name)];
  expect(wanted.length).toBeGreaterThan(50);
  expect(
    wanted.filter(
      ([, asked]) => !isBuiltin(asked) && !declared.includes(asked) && !own.includes(asked.slice(2)),
    ),
  ).toEqual([]);
});

/** What a chunk asks for by a word that is written out. The whole tree of a chunk, as for what a browser loads, takes seconds to walk. */
function wantedBy(name: string): string[] {
  const text = chunk(name);
  const { module, errors } = parseSync(name, text);
  expect(errors, name).toEqual([]);
  const exported = module.staticExports.flatMap(({ entries }) => entries.map((entry) => entry.moduleRequest));
  const asked = [...module.staticImports.map((entry) => entry.moduleRequest), ...exported];
  const dynamic = module.dynamicImports.map(({ moduleRequest: { start, end } }) => text.slice(start, end));
  return [
    ...asked.flatMap((request) => (request === null ? [] : [request.value])),
    ...dynamic.flatMap((word) => /^(["'`])([^"'`$]+)\1$/.exec(word)?.[2] ?? []),
    ...required(text).map(({ specifier }) => specifier),
  ];
}

test('the bundle asks for no package that the manifest does not name', () => {
  const declared = { ...manifest.dependencies, ...manifest.peerDependencies };
  const wanted = chunks().flatMap((name) => wantedBy(name).map((specifier) => ({ name, specifier })));
  expect(wanted.length).toBeGreaterThan(200);
  expect(
    wanted.filter(
      ({ specifier }) =>
        !specifier.startsWith('.') && !isBuiltin(specifier) && !Object.hasOwn(declared, specifier),
    ),
  ).toEqual([]);
});

test('what a browser loads holds no import of Node', () => {
  const seen = new Set<string>();
  const open = ['protocol.js', 'client.js'].filter((name) => chunks().includes(name));
  const builtins: string[] = [];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    for (const { specifier } of moduleImports(name, chunk(name))) {
      if (specifier === undefined || isBuiltin(specifier)) builtins.push(`${name}: ${specifier}`);
      else if (specifier.startsWith('./')) open.push(specifier.slice(2));
    }
  }
  expect(builtins).toEqual([]);
});
