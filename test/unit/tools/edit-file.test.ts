import { chmodSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Workspace } from '../../../src/protocol/workspace.ts';
import { applyEdits } from '../../../src/tools/filesystem/apply-edits.ts';
import { difference } from '../../../src/tools/filesystem/difference.ts';
import { bench } from './support.ts';

async function editing(content: string | Uint8Array) {
  const made = await bench();
  const file = join(made.root, 'f');
  writeFileSync(file, content);
  const text = () => readFileSync(file, 'utf8');
  const edit = (edits: unknown) => made.run('edit_file', { path: 'f', edits });
  return { ...made, file, text, edit };
}

test('edits are made in order, shown as a diff, and keep the mode', async () => {
  const { edit, text, file, tool, context } = await editing('one\ntwo\nthree\n');
  chmodSync(file, 0o750);
  const edits = [
    { oldText: 'two', newText: '2' },
    { oldText: '2\nthree', newText: '2\n3' },
  ];
  const preview = await tool('edit_file').preview?.({ path: 'f', edits }, context());
  expect(text()).toBe('one\ntwo\nthree\n');
  const { output, is_error } = await edit(edits);
  expect(is_error).toBeUndefined();
  expect(output).toBe(`Edited f:\n${preview}`);
  expect(output).toContain(' one\n-two\n-three\n+2\n+3\n');
  expect([text(), statSync(file).mode & 0o777]).toEqual(['one\n2\n3\n', 0o750]);
});

test('edits may come as text, and one may come alone', async () => {
  const { edit, text } = await editing('a b');
  await edit('[{"oldText":"a","newText":"$&"}]');
  await edit({ oldText: 'b', newText: 'B' });
  expect(text()).toBe('$& B');
});

test.each([
  [
    'absent',
    [{ oldText: 'const valeu = 1;', newText: 'x' }],
    /oldText is not in the file; these lines are near:\n2: const value = 1;/,
  ],
  ['twice', [{ oldText: 'twin', newText: 'x' }], /oldText is in the file 2 times \(lines 3, 4\)/],
  ['empty', [{ oldText: '', newText: 'x' }], /oldText is empty/],
  ['no change', [{ oldText: 'first', newText: 'first' }], /nothing to change/],
  [
    'the second of two',
    [
      { oldText: 'first', newText: 'x' },
      { oldText: 'zzzz', newText: 'y' },
    ],
    /oldText of edit 2 is not in the file; read the file again/,
  ],
])('%s: none is made, and the words say why', async (_, edits, words) => {
  const content = 'first\nconst value = 1;\ntwin\ntwin\n';
  const { edit, text } = await editing(content);
  expect(await edit(edits)).toEqual({ output: expect.stringMatching(words), is_error: true });
  expect(text()).toBe(content);
});

test('line ends of the file are kept where the model writes others', async () => {
  const { edit, text } = await editing('a\r\nb\r\nc\r\n');
  await edit([{ oldText: 'a\nb', newText: 'x\ny\nz' }]);
  expect(text()).toBe('x\r\ny\r\nz\r\nc\r\n');
});

test('what is no UTF-8 text or too large is not edited', async () => {
  const { edit, file } = await editing(Buffer.from([0x61, 0xe4]));
  expect((await edit([{ oldText: 'a', newText: 'b' }])).output).toContain('not UTF-8 text');
  truncateSync(file, 8 * 1024 * 1024 + 1);
  expect((await edit([{ oldText: 'a', newText: 'b' }])).output).toContain('edit_file takes at most');
});

test('two edits at once: what changed in between is a conflict, and nothing is lost (R38)', async () => {
  const { run, workspace, root, text } = await editing('one two');
  const meanwhile: Workspace = Object.create(workspace, {
    readFile: {
      value: async (...args: Parameters<Workspace['readFile']>) => {
        const read = await workspace.readFile(...args);
        writeFileSync(join(root, 'f'), 'ONE two');
        return read;
      },
    },
    stat: { value: workspace.stat.bind(workspace) },
    writeFile: { value: workspace.writeFile.bind(workspace) },
  });
  const edits = [{ oldText: 'two', newText: '2' }];
  const lost = await run('edit_file', { path: 'f', edits }, { workspace: meanwhile });
  expect(lost).toEqual({
    output: expect.stringContaining('something else changed it meanwhile'),
    is_error: true,
  });
  expect(text()).toBe('ONE two');
  await run('edit_file', { path: 'f', edits });
  expect(text()).toBe('ONE 2');
});

test('of many edits at once each is made once or is a conflict', async () => {
  const words = Array.from({ length: 8 }, (_, index) => `<${index}>`);
  const { run, text } = await editing(words.join(''));
  const results = await Promise.all(
    words.map((word) => run('edit_file', { path: 'f', edits: [{ oldText: word, newText: `${word}!` }] })),
  );
  const made = words.map((word, index) => (results[index]?.is_error === true ? word : `${word}!`));
  expect(text()).toBe(made.join(''));
});

test('an edit of a text that is there once replaces it and nothing else', () => {
  const plain = fc.string({ unit: fc.constantFrom('a', 'b', '\n', '$', '&') });
  fc.assert(
    fc.property(plain, plain, plain, (before, after, newText) => {
      const edit = { oldText: '<#>', newText };
      expect(applyEdits('f', `${before}<#>${after}`, [edit])).toBe(`${before}${newText}${after}`);
    }),
  );
  expect(() => applyEdits('f', 'aaa', [{ oldText: 'aa', newText: 'b' }])).toThrow('2 times');
});

test('a diff is cut at 4,000 characters, and not made of very long texts', async () => {
  const long = await difference('f', '', 'some line\n'.repeat(1000));
  expect(long.length).toBeLessThan(4_100);
  expect(long).toMatch(/characters of the diff are left out \.\.\.\]$/);
  expect(await difference('f', '', 'x'.repeat(2_000_000))).toBe(
    'f: 0 characters become 2000000; too much to show the difference.',
  );
});
