import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import {
  History,
  HISTORY_ENTRIES,
  HISTORY_LENGTH,
  withEntry,
} from '../../../../src/cli/conversation/history.ts';

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'yonder-history-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

const unheard = (words: string): void => {
  throw new Error(words);
};

test('what was typed is there in the next session, in order and none twice', async () => {
  const path = join(await folder(), 'state', 'history');
  const first = new History(path, unheard);
  await first.load();
  for (const line of ['one', 'two\nlines', 'one', ' private', '  ']) first.add(line);
  expect(first.entries).toEqual(['two\nlines', 'one']);
  await first.close();
  const second = new History(path, unheard);
  await second.load();
  expect(second.entries).toEqual(['two\nlines', 'one']);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect((await stat(join(path, '..'))).mode & 0o777).toBe(0o700);
});

test('two conversations at once keep both their lines', async () => {
  const path = join(await folder(), 'history');
  const [left, right] = [new History(path, unheard), new History(path, unheard)];
  left.add('left');
  await left.close();
  right.add('right');
  await right.close();
  expect(await readFile(path, 'utf8')).toBe('"left"\n"right"\n');
});

test('a damaged line costs itself alone', async () => {
  const path = join(await folder(), 'history');
  await writeFile(path, '"good"\n{"half\n42\n"also"\n');
  const history = new History(path, unheard);
  await history.load();
  expect(history.entries).toEqual(['good', 'also']);
});

test('it is bounded', () => {
  const full = Array.from({ length: HISTORY_ENTRIES }, (_, index) => `${index}`);
  expect(withEntry(full, 'new')).toEqual([...full.slice(1), 'new']);
  expect(withEntry(['a'], 'x'.repeat(HISTORY_LENGTH + 1))).toEqual(['a']);
});

test('a place that cannot be used is said once, and typing goes on', async () => {
  const path = join(await folder(), 'history');
  await writeFile(path, '');
  const heard: string[] = [];
  const history = new History(join(path, 'below', 'a-file'), (words) => heard.push(words));
  await history.load();
  history.add('a');
  history.add('b');
  await history.close();
  expect(history.entries).toEqual(['a', 'b']);
  expect(heard).toEqual([expect.stringMatching(/^what you type is not kept: .*ENOTDIR/)]);
});
