/**
 * `dist/cli/load.cjs`: gives the command its parts, as `require` would, with the code that V8 made of them when they last ran.
 *
 * Node's own compile cache is filled before a file runs, and V8 compiles a function when it is first called: so it holds next to none of
 * them, and each start compiled some thousand anew, a quarter of its time. Here a process leaves what it had compiled when it ends.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { Script } from 'node:vm';

/** Put in by the build: files with the digest of their text, the file of many parts and its parts, and what Node loads itself. */
declare const FILES: Record<string, string>;
declare const PACK: string;
declare const PACKED: readonly string[];
declare const PLAIN: readonly string[];

type Part = (ask: (name: string) => unknown, module: { exports: unknown }, exports: unknown) => void;

interface CodeFile {
  readonly script: Script;
  /** Where what was compiled is kept; without a cache folder nowhere. */
  readonly kept: string | undefined;
  /** The parts that ran before what is kept was written. */
  readonly known: ReadonlySet<string>;
}

/** A process that goes on for longer has had code of its beginning thrown away. Milliseconds. */
const LONG = 30_000;

/** A build that was last new so long ago has mostly been replaced; one that was not compiles once more. Milliseconds. */
const OLD = 30 * 24 * 60 * 60 * 1000;

const loaded = new Map<string, { exports: unknown }>();
const codeFiles = new Map<string, CodeFile>();
const packed = new Set(PACKED);
let parts: Record<string, Part> | undefined;

/** What the part of that name exports; it runs when somebody first asks. */
export function load(name: string): unknown {
  const known = loaded.get(name);
  if (known !== undefined) return known.exports;
  const module = { exports: {} };
  loaded.set(name, module);
  try {
    partOf(name)(ask, module, module.exports);
  } catch (error) {
    // Half of a part is none: who asks again gets the fault again.
    loaded.delete(name);
    throw error;
  }
  return module.exports;
}

/** What parts have for `require`: a name that no build gives to something of theirs. */
function ask(name: string): unknown {
  const part = name.startsWith('./') ? name.slice(2) : undefined;
  return part === undefined || PLAIN.includes(part) ? require(name) : load(part);
}

function partOf(name: string): Part {
  if (!packed.has(name)) return runFile(name) as Part;
  parts ??= runFile(PACK) as Record<string, Part>;
  const part = parts[name];
  if (part === undefined) throw new Error(`this installation of yonder is broken: it has no ${name}`);
  return part;
}

function runFile(name: string): unknown {
  const file = path.join(__dirname, name);
  const source = fs.readFileSync(file, 'utf8');
  const kept = keptPath(name);
  const found = kept === undefined ? undefined : readKept(kept);
  const script = new Script(source, { filename: file, cachedData: found?.code });
  const known = found === undefined || script.cachedDataRejected === true ? [] : found.parts;
  codeFiles.set(name, { script, kept, known: new Set(known) });
  const run = script.runInThisContext() as (file: string, folder: string) => unknown;
  return run(file, __dirname);
}

/** In the user's own cache folder. A relative one is invalid by the specification. */
function keptPath(name: string): string | undefined {
  const { XDG_CACHE_HOME: named, HOME: home, NODE_DISABLE_COMPILE_CACHE: disabled } = process.env;
  const base = named && path.isAbsolute(named) ? named : home && path.join(home, '.cache');
  if (!base || disabled) return undefined;
  const { version, arch } = process;
  return path.join(base, 'yonder/compiled', `${name}-${FILES[name]}-${version}-${arch}`);
}

/** Nothing where there is none, or none that we may trust: it is code, and V8 does not look whether it is whole. */
function readKept(kept: string): { parts: string[]; code: Buffer } | undefined {
  let bytes: Buffer;
  try {
    const descriptor = fs.openSync(kept, 'r');
    try {
      const { uid, mode } = fs.fstatSync(descriptor);
      if (uid !== process.getuid?.() || (mode & 0o022) !== 0) return undefined;
      bytes = fs.readFileSync(descriptor);
    } finally {
      fs.closeSync(descriptor);
    }
  } catch {
    return undefined; // the first start, or a folder that we may not read: it is slower, and no more
  }
  const end = bytes.indexOf('\n');
  const code = bytes.subarray(end + 1);
  const [sum, ...names] = bytes.toString('latin1', 0, Math.max(end, 0)).trim().split(' ');
  return sum === sumOf(code) ? { parts: names, code } : undefined;
}

/** Against a broken disk, not against a person: who writes into the user's cache folder is the user. */
const sumOf = (code: Buffer): string => createHash('sha1').update(code).digest('hex');

/** What this process has compiled, where it ran a part that none before it had run. */
function keep(name: string, { script, kept, known }: CodeFile): void {
  const ran = name === PACK ? PACKED.filter((part) => loaded.has(part)) : [name];
  if (kept === undefined || ran.every((part) => known.has(part))) return;
  const folder = path.dirname(kept);
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Not what root would leave in another's home, which that one could not replace.
  if (fs.statSync(folder).uid !== process.getuid?.()) return;
  const code = script.createCachedData();
  const head = `${sumOf(code)} ${[...new Set([...known, ...ran])].join(' ')}`;
  // V8 reads in place what lies at a multiple of eight.
  const line = `${head.padEnd(Math.ceil((head.length + 1) / 16) * 16 - 1)}\n`;
  const fresh = `${kept}.${process.pid}`;
  try {
    fs.writeFileSync(fresh, Buffer.concat([Buffer.from(line, 'latin1'), code]), { mode: 0o600, flag: 'wx' });
    fs.renameSync(fresh, kept);
  } finally {
    fs.rmSync(fresh, { force: true });
  }
  sweep(folder);
}

/** Takes away what other builds left and nobody wrote for long. */
function sweep(folder: string): void {
  const mine = new Set(Object.keys(FILES).map((name) => path.basename(keptPath(name) ?? '')));
  for (const name of fs.readdirSync(folder)) {
    const file = path.join(folder, name);
    if (!name.includes('.cjs-') || mine.has(name)) continue;
    if (Date.now() - fs.statSync(file).mtimeMs > OLD) fs.rmSync(file, { force: true });
  }
}

process.once('exit', () => {
  if (performance.now() > LONG) return;
  try {
    for (const [name, file] of codeFiles) keep(name, file);
  } catch {
    // A full disk, a home that is read-only: the next start compiles again, and no more.
  }
});
