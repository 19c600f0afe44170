import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = path.join(import.meta.dirname, '../../..');
const scratch = mkdtempSync(path.join(tmpdir(), 'yonder-types-'));
const RUNTIME = "export type Runtime = Methods<'runtime'> & {";
const BACKEND = "export type Backend = Methods<'backend'> & {";
const FLY = ' fly(context: RequestContext): Promise<void>;';

const CASES = 'test/types/contract.ts';

/** Twins of the ground in which one text stands otherwise; all are compiled at once. */
const TWINS: Record<string, [file: string, from: string, to: string]> = {
  sound: ['backend.ts', RUNTIME, RUNTIME],
  runtime: ['backend.ts', RUNTIME, `${RUNTIME}${FLY}`],
  backend: ['backend.ts', BACKEND, `${BACKEND}${FLY}`],
  method: ['contract/contract.ts', "method: 'listRuns',", ''],
  scope: ['contract/contract.ts', "scope: 'admin',", ''],
};
let errors: string[] = [];

beforeAll(() => {
  for (const [name, [file, from, to]] of Object.entries(TWINS)) {
    const room = path.join(scratch, name, 'src/protocol');
    cpSync(path.join(root, 'src/protocol'), room, { recursive: true });
    cpSync(path.join(root, CASES), path.join(scratch, name, CASES));
    const text = readFileSync(path.join(room, file), 'utf8');
    expect(text.split(from)).toHaveLength(2);
    writeFileSync(path.join(room, file), text.replace(from, to));
  }
  writeFileSync(path.join(scratch, 'package.json'), '{"type": "module"}');
  symlinkSync(path.join(root, 'node_modules'), path.join(scratch, 'node_modules'));
  const config = JSON.parse(readFileSync(path.join(root, 'tsconfig.json'), 'utf8'));
  writeFileSync(
    path.join(scratch, 'tsconfig.json'),
    JSON.stringify({ ...config, include: Object.keys(TWINS) }),
  );
  const tsc = path.join(root, 'node_modules/.bin/tsc');
  const result = spawnSync(tsc, ['-p', '.', '--noEmit', '--pretty', 'false'], {
    cwd: scratch,
    encoding: 'utf8',
  });
  errors = result.stdout.split(/\n(?=\S)/);
}, 120_000);

afterAll(() => rmSync(scratch, { recursive: true }));

test('as it stands it compiles', () => {
  expect(errors.filter((error) => error.startsWith('sound/'))).toEqual([]);
});

test.each([
  ['runtime', 'backend.ts', "Property 'fly' is missing"],
  ['backend', 'backend.ts', "Property 'fly' is missing"],
  ['method', 'contract/contract.ts', "Property 'method' is missing"],
  ['scope', 'contract/contract.ts', "Property 'scope' is missing"],
])(
  'a twin with a broken %s does not: a method needs an operation, an operation a method and a scope',
  (name, file, words) => {
    const found = errors.filter((error) => error.startsWith(`${name}/src/protocol/${file}(`));
    expect(found.join('\n')).toContain(words);
  },
);
