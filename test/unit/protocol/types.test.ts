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

type Change = [file: string, from: string, to: string];

/** Twins of the ground in which a text or two stand otherwise; all are compiled at once. */
const TWINS: Record<string, Change[]> = {
  methods: [
    ['backend.ts', RUNTIME, `${RUNTIME}${FLY}`],
    ['backend.ts', BACKEND, `${BACKEND}${FLY}`],
  ],
  operations: [
    ['contract/contract.ts', "method: 'listRuns',", ''],
    ['contract/contract.ts', "scope: 'admin',", ''],
  ],
};
let errors: string[] = [];

beforeAll(() => {
  for (const [name, changes] of Object.entries(TWINS)) {
    const room = path.join(scratch, name, 'src/protocol');
    cpSync(path.join(root, 'src/protocol'), room, { recursive: true });
    cpSync(path.join(root, CASES), path.join(scratch, name, CASES));
    for (const [file, from, to] of changes) {
      const text = readFileSync(path.join(room, file), 'utf8');
      expect(text.split(from)).toHaveLength(2);
      writeFileSync(path.join(room, file), text.replace(from, to));
    }
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

/** The first line of each error of a twin, without what it says of types, and the property that is missing. */
const found = (name: string): string[] =>
  errors
    .filter((error) => error.startsWith(`${name}/`))
    .map((error) => {
      const [, file = error, code = ''] = /^\w+\/(.+?)\(\d+,\d+\): error (\w+):/.exec(error) ?? [];
      return [file, code, /Property '\w+' is missing/.exec(error)?.[0] ?? ''].join(' ').trim();
    });

/** The case that no method is without an operation, and none the other way round. */
const CASE = 'test/types/contract.ts TS2322';

test('a method without an operation does not compile, on either interface, and that is all that does not', () => {
  const missing = "src/protocol/backend.ts TS2322 Property 'fly' is missing";
  expect(found('methods')).toEqual([missing, missing, CASE]);
});

test('an operation without a method, or without a scope, does not compile, and that is all that does not', () => {
  expect(found('operations')).toEqual([
    "src/protocol/contract/contract.ts TS2741 Property 'scope' is missing",
    "src/protocol/contract/contract.ts TS2741 Property 'method' is missing",
    CASE,
  ]);
  expect(errors).toHaveLength(6);
});
