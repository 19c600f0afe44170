import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const root = path.dirname(path.dirname(import.meta.dirname));

/** What the generator reads and writes, in a folder of its own. */
function copy(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'yonder-generated-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const name of ['package.json', 'docs', 'scripts', 'src']) {
    cpSync(path.join(root, name), path.join(folder, name), { recursive: true });
  }
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  return folder;
}

function generate(folder: string, ...args: string[]) {
  return spawnSync(process.execPath, [path.join(folder, 'scripts/generate.ts'), ...args], {
    encoding: 'utf8',
  });
}

test('--check names what is stale or missing, and it is written: pages, and the place of a room in the export map', () => {
  const folder = copy();
  const page = path.join(folder, 'docs/events.md');
  const entry = path.join(folder, 'src/server/index.ts');
  const exported = (): unknown =>
    JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')).exports['./server'];
  rmSync(entry, { force: true });
  generate(folder);
  expect(exported()).toBeUndefined();
  const text = readFileSync(page, 'utf8');

  writeFileSync(page, `${text}more\n`);
  rmSync(path.join(folder, 'docs/errors.md'));
  writeFileSync(entry, '');
  const check = generate(folder, '--check');
  const stale = ['docs/errors.md', 'docs/events.md', 'package.json'];
  expect(check.stderr.trim().split('\n').toSorted()).toEqual(
    stale.map((name) => `${name} is stale: run \`npm run generate\``),
  );
  expect(check.status).toBe(1);

  const written = generate(folder);
  expect(written.stderr.trim().split('\n').toSorted()).toEqual(stale.map((name) => `wrote ${name}`));
  expect(readFileSync(page, 'utf8')).toBe(text);
  expect(exported()).toEqual({ types: './dist/types/server/index.d.ts', default: './dist/server.js' });
  expect(generate(folder, '--check')).toMatchObject({ stderr: '', status: 0 });
});
