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

test('a generated file that was changed or removed is named by --check and written without it', () => {
  const folder = copy();
  generate(folder);
  expect(generate(folder, '--check').stderr).toBe('');
  const page = path.join(folder, 'docs/events.md');
  const text = readFileSync(page, 'utf8');
  writeFileSync(page, `${text}more\n`);
  rmSync(path.join(folder, 'docs/errors.md'));
  const check = generate(folder, '--check');
  expect(check.stderr).toBe(
    'docs/errors.md is stale: run `npm run generate`\ndocs/events.md is stale: run `npm run generate`\n',
  );
  expect(check.status).toBe(1);
  expect(generate(folder).stderr).toBe('wrote docs/errors.md\nwrote docs/events.md\n');
  expect(readFileSync(page, 'utf8')).toBe(text);
});

test('a room that gets its entry file gets its place in the export map, and loses it again', () => {
  const folder = copy();
  generate(folder);
  const exported = (): unknown =>
    JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')).exports['./server'];
  const entry = path.join(folder, 'src/server/index.ts');
  rmSync(entry, { force: true });
  generate(folder);
  expect(exported()).toBeUndefined();
  writeFileSync(entry, '');
  generate(folder);
  expect(exported()).toEqual({ types: './dist/types/server/index.d.ts', default: './dist/server.js' });
});
