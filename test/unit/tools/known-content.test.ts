import { readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bench, reopened } from './support.ts';

async function started() {
  const here = await bench();
  const file = join(here.root, 'a.txt');
  writeFileSync(file, 'one\n');
  return { ...here, file, text: () => readFileSync(file, 'utf8') };
}

const CHANGED =
  'The tool failed: a.txt was not changed: somebody else, or a command, has changed it since you read or wrote it; read it again, then write';
const write = (content: string) => ({ path: 'a.txt', content });

test.each([
  ['read_file', { path: 'a.txt' }],
  ['read_file', { path: 'link' }],
  ['read_multiple_files', { paths: ['b.txt', 'a.txt'] }],
  ['edit_file', { path: 'a.txt', edits: [{ oldText: 'one', newText: 'uno' }] }],
  ['write_file', write('uno\n')],
])('a whole file is not written over what somebody else made of it since %s %j', async (name, args) => {
  const { run, root, file, text } = await started();
  symlinkSync('a.txt', join(root, 'link'));
  expect((await run(name, args)).is_error).toBeUndefined();
  writeFileSync(file, 'two\n');
  for (let again = 0; again < 2; again += 1) {
    expect(await run('write_file', write('three\n'))).toEqual({
      output: CHANGED.replace('The tool failed: ', 'Error: '),
      is_error: true,
    });
  }
  expect(text()).toBe('two\n');
  await run('read_file', { path: 'a.txt' });
  expect((await run('write_file', write('three\n'))).output).toBe('Replaced a.txt (6 bytes).');
  expect((await run('write_file', write('four\n'))).output).toBe('Replaced a.txt (5 bytes).');
  expect(text()).toBe('four\n');
});

test('a file that was never looked at is replaced, and one that is gone is made again', async () => {
  const { run, file, text } = await started();
  expect((await run('write_file', write('x'))).output).toBe('Replaced a.txt (1 bytes).');
  rmSync(file);
  expect((await run('write_file', write('y'))).output).toBe('Made a.txt (1 bytes).');
  expect(text()).toBe('y');
});

test('what a cut write left is known, and a file that grew too long to follow may be replaced again', async () => {
  const { tool, run, context, file, text } = await started();
  await tool('write_file').recover?.(write('one\n'), context());
  writeFileSync(file, 'two\n');
  expect((await run('write_file', write('x'))).is_error).toBe(true);
  truncateSync(file, 9 * 1024 * 1024);
  writeFileSync(file, 'text\n', { flag: 'r+' });
  await run('read_file', { path: 'a.txt', limit: 1 });
  expect((await run('write_file', write('x'))).output).toBe('Replaced a.txt (1 bytes).');
  expect(text()).toBe('x');
});

test('a file of 100 KB is followed by all of its bytes, after a restart too', async () => {
  const first = await started();
  writeFileSync(first.file, 'line\n'.repeat(20_000));
  await first.run('read_file', { path: 'a.txt', limit: 1 });
  const workspace = await reopened(first);
  writeFileSync(first.file, `${'line\n'.repeat(20_000)}more\n`);
  expect((await first.run('write_file', write('x'), { workspace })).is_error).toBe(true);
  writeFileSync(first.file, 'line\n'.repeat(20_000));
  expect((await first.run('write_file', write('x'), { workspace })).is_error).toBeUndefined();
});
