import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Metafile } from 'esbuild';
import { expect, onTestFinished, test } from 'vitest';
import { packChunks } from '../../scripts/bundle/pack.ts';

const LARGE = `/*${'x'.repeat(60_000)}*/`;

/** A program of a few chunks, built as the command is; `value` is what one of its functions gives. */
async function program(value: number) {
  const folder = mkdtempSync(path.join(tmpdir(), 'yonder-loader-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const chunks = {
    'main.cjs':
      'const a=require("./start.cjs");for(const word of process.argv.slice(2))console.log(a[word]());',
    'start.cjs': `const plain=require("./plain.cjs");let runs=0;async function load(){}exports.plain=()=>plain.name+plain.runs();runs+=1;exports.runs=()=>runs;exports.value=()=>require("./small.cjs").value();
      exports.large=()=>require("./large.cjs").value();exports.often=()=>require("./often.cjs").value();
      exports.here=()=>require("node:path").basename(__filename)+" "+require("node:fs").existsSync(__dirname+"/main.cjs");
      exports.none=()=>require("./gone.cjs");
      exports.faulty=()=>{const said=[];for(const time of [1,2])try{require("./faulty.cjs");said.push("half")}catch(error){said.push(error.message)}
        return said.join()};`,
    'faulty.cjs': 'exports.half=1;throw new Error("fault");',
    'plain.cjs': 'let runs=0;exports.name="plain ";exports.runs=()=>runs+=1;',
    'small.cjs': `const start=require("./start.cjs");exports.value=()=>${value}+0*start.runs();`,
    'large.cjs': `${LARGE}exports.value=()=>"large "+require("./small.cjs").value();`,
    'often.cjs': `${LARGE}exports.value=()=>"often";`,
  };
  const output = (
    name: string,
    entryPoint?: string,
    imported?: string,
  ): [string, Metafile['outputs'][string]] => {
    const imports =
      imported === undefined ? [] : [{ path: `out/${imported}.js`, kind: 'import-statement' as const }];
    const entry = entryPoint === undefined ? {} : { entryPoint };
    return [`out/${name}.js`, { bytes: 0, inputs: {}, exports: [], imports, ...entry }];
  };
  const metafile: Metafile = {
    inputs: {},
    outputs: Object.fromEntries([
      output('main', 'src/main.ts', 'plain'),
      output('plain'),
      output('start', 'src/start.ts'),
      output('often', 'src/often.ts'),
    ]),
  };
  const ways = { main: 'src/main.ts', often: ['src/often.ts'] };
  const files = await packChunks(new Map(Object.entries(chunks)), metafile, ways);
  mkdirSync(path.join(folder, 'out'));
  for (const [name, text] of files) writeFileSync(path.join(folder, 'out', name), text);
  const kept = path.join(folder, 'yonder/compiled');
  return {
    names: [...files.keys()].toSorted(),
    keptNames: () => readdirSync(kept).toSorted(),
    keptFile: (name: string) =>
      path.join(kept, readdirSync(kept).find((other) => other.startsWith(`${name}-`)) ?? 'none'),
    run: (...words: string[]) =>
      execFileSync(process.execPath, [path.join(folder, 'out/main.cjs'), ...words], {
        encoding: 'utf8',
        env: { XDG_CACHE_HOME: folder },
      }),
    start: (words: string[], env: NodeJS.ProcessEnv, uid?: number) =>
      spawnSync(process.execPath, [path.join(folder, 'out/main.cjs'), ...words], {
        encoding: 'utf8',
        env,
        ...(uid === undefined ? {} : { uid, gid: uid }),
      }),
    folder,
  };
}

test('parts run once, in one file or in their own by size, and see the folder of the command', async () => {
  const { names, run } = await program(1);
  expect(names).toEqual(['large.cjs', 'load.cjs', 'main.cjs', 'pack.cjs', 'plain.cjs']);
  expect(run('runs', 'value', 'large', 'often', 'runs', 'plain', 'here')).toBe(
    '1\n1\nlarge 1\noften\n1\nplain 1\npack.cjs true\n',
  );
});

test('a part that is not there is named', async () => {
  const { start, folder } = await program(1);
  const { stderr, status } = start(['none'], { XDG_CACHE_HOME: folder });
  expect(stderr).toContain('gone.cjs');
  expect(status).toBe(1);
});

test('a part that throws when it runs throws for everybody who asks', async () => {
  const { run } = await program(1);
  expect(run('faulty')).toBe('fault,fault\n');
});

test('what was compiled is used by the next start, and by no other build', async () => {
  const [one, two] = [await program(1), await program(2)];
  one.run('value');
  two.run('value');
  expect(one.keptNames()).not.toEqual(two.keptNames());
  expect(statSync(one.keptFile('pack.cjs')).mode & 0o777).toBe(0o600);
  // V8 looks at the length of a source alone: under the other's name it runs the other's code, which shows that it is used.
  copyFileSync(one.keptFile('pack.cjs'), two.keptFile('pack.cjs'));
  expect(two.run('value')).toBe('1\n');
});

test('it is written again when a part runs that never ran before, and only then', async () => {
  const { run, keptFile, keptNames } = await program(1);
  run('value');
  const first = readFileSync(keptFile('pack.cjs'), 'latin1');
  run('value', 'runs');
  expect(readFileSync(keptFile('pack.cjs'), 'latin1')).toBe(first);
  expect(run('large', 'often')).toBe('large 1\noften\n');
  expect(readFileSync(keptFile('pack.cjs'), 'latin1')).toMatch(
    /^[0-9a-f]{40} start\.cjs small\.cjs often\.cjs *\n/,
  );
  expect(keptNames().map((name) => name.replace(/-.*/, ''))).toEqual(['large.cjs', 'pack.cjs']);
});

test('what other builds left is taken away after a month, and nothing else', async () => {
  const { run, keptFile, keptNames } = await program(1);
  run('value');
  const folder = path.dirname(keptFile('pack.cjs'));
  const month = Date.now() / 1000 - 31 * 24 * 60 * 60;
  for (const [name, time] of [
    ['pack.cjs-0123456789abcdef-v24.0.0-x64', month],
    ['pack.cjs-fedcba9876543210-v24.0.0-x64', month + 2 * 24 * 60 * 60],
    ['other', month],
  ] as const) {
    writeFileSync(path.join(folder, name), '');
    utimesSync(path.join(folder, name), time, time);
  }
  utimesSync(keptFile('pack.cjs'), month, month);
  run('large');
  expect(keptNames().map((name) => name.replace(/-(?!fed).*/, ''))).toEqual([
    'large.cjs',
    'other',
    'pack.cjs',
    'pack.cjs-fedcba9876543210',
  ]);
});

test('what is broken, cut, or may be written by others is not used', async () => {
  const [one, two] = [await program(1), await program(2)];
  one.run('value');
  two.run('value');
  const [other, kept] = [readFileSync(one.keptFile('pack.cjs')), two.keptFile('pack.cjs')];
  const broken = Buffer.from(other);
  broken.writeUInt8(broken.readUInt8(other.length - 100) ^ 0x55, other.length - 100);
  for (const bytes of [broken, other.subarray(0, -100), Buffer.from('no line'), Buffer.from('')]) {
    writeFileSync(kept, bytes);
    expect(two.run('value')).toBe('2\n');
    // Whoever found it so has put a whole one in its place.
    expect(readFileSync(kept, 'latin1')).toMatch(/^[0-9a-f]{40} start\.cjs small\.cjs *\n/);
  }
  writeFileSync(kept, other);
  chmodSync(kept, 0o620);
  expect(two.run('value')).toBe('2\n');
});

test('without a cache folder, with one that cannot be written, or where Node is told to keep none, it runs', async () => {
  const { start, folder } = await program(1);
  const file = path.join(folder, 'file');
  writeFileSync(file, '');
  for (const env of [
    {},
    { HOME: file },
    { XDG_CACHE_HOME: 'relative', HOME: '' },
    { XDG_CACHE_HOME: folder, NODE_DISABLE_COMPILE_CACHE: '1' },
  ]) {
    expect(start(['value'], env)).toMatchObject({ stdout: '1\n', stderr: '', status: 0 });
  }
  expect(readdirSync(folder).toSorted()).toEqual(['file', 'out']);
});

test.runIf(process.getuid?.() === 0)(
  'another user uses and replaces nothing of it, and leaves nothing in a folder of ours',
  async () => {
    const [one, two] = [await program(1), await program(2)];
    one.run('value');
    two.run('value');
    copyFileSync(one.keptFile('pack.cjs'), two.keptFile('pack.cjs'));
    chmodSync(two.folder, 0o755);
    chmodSync(path.dirname(two.keptFile('pack.cjs')), 0o777);
    chmodSync(two.keptFile('pack.cjs'), 0o644);
    const before = readFileSync(two.keptFile('pack.cjs'), 'latin1');
    const found = two.start(['value'], { XDG_CACHE_HOME: two.folder }, 65_534);
    expect(found).toMatchObject({ stdout: '2\n', status: 0 });
    expect(readFileSync(two.keptFile('pack.cjs'), 'latin1')).toBe(before);
    expect(two.keptNames()).toHaveLength(1);
  },
);
