import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { readProcessTable } from '../../../src/process/process-table.ts';
import { COMMAND_TAG, endTree, findTree, nestTag, signalProcess } from '../../../src/process/process-tree.ts';

let count = 0;

/** Starts a shell in its own group under a tag; resolves when it has printed a line. */
async function tagged(script: string, env: Record<string, string> = {}) {
  count += 1;
  const tag = `tree-test-${process.pid}-${count}`;
  const child = spawn('/bin/sh', ['-c', script], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { PATH: process.env['PATH'], ...env, [COMMAND_TAG]: nestTag(tag, env) },
  });
  const exited = once(child, 'exit');
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { tag, group: child.pid ?? 0, exited, line: line.toString().trim() };
}

test.each(['proc', 'ps'])('a tree is found by group and by tag (%s)', async (source) => {
  const { tag, group, exited } = await tagged('setsid sleep 60 & sleep 60 & echo ready; wait');
  expect(findTree({ tag, group }, readProcessTable(source))).toHaveLength(3);
  expect(await endTree({ tag, group }, { graceMs: 200 })).toBe(true);
  await exited;
  expect(findTree({ tag, group })).toEqual([]);
});

test('what ignores TERM gets KILL after the grace', async () => {
  const { tag, group, exited } = await tagged("trap '' TERM; echo ready; while :; do sleep 1; done");
  const began = performance.now();
  expect(await endTree({ tag, group }, { graceMs: 150 })).toBe(true);
  expect(performance.now() - began).toBeLessThan(10_000);
  expect(await exited).toEqual([null, 'SIGKILL']);
});

test('what takes TERM is left the time to end in good order', async () => {
  const { tag, group, exited } = await tagged("trap 'exit 7' TERM; echo ready; while :; do sleep 0.01; done");
  expect(await endTree({ tag, group }, { graceMs: 5000 })).toBe(true);
  expect(await exited).toEqual([7, null]);
});

test('a daemon is found by its tag after its parents are gone', async () => {
  const { tag, group, exited, line } = await tagged(
    '(setsid sh -c "sleep 60 & echo \\$!; exec >&-; wait" &)',
  );
  await exited;
  expect(findTree({ tag, group }).map((entry) => entry.pid)).toContain(Number(line));
  expect(await endTree({ tag, group })).toBe(true);
  expect(findTree({ tag, group })).toEqual([]);
});

test('a command inside a command carries both tags; its end is the end of the inner one as well', async () => {
  const outer = await tagged('echo ready; sleep 60');
  const inner = await tagged('echo ready; sleep 60', { [COMMAND_TAG]: outer.tag });
  expect(await endTree({ tag: outer.tag })).toBe(true);
  await Promise.all([outer.exited, inner.exited]);
  expect(findTree({ tag: inner.tag })).toEqual([]);
});

test("another command's processes are never part of the tree", async () => {
  const mine = await tagged('echo ready; sleep 60');
  const other = await tagged('echo ready; sleep 60');
  expect(findTree({ tag: mine.tag, group: other.group })).toHaveLength(2);
  expect(await endTree({ tag: mine.tag, group: mine.group })).toBe(true);
  expect(signalProcess(other.group, 0)).toBe(true);
  await endTree({ tag: other.tag, group: other.group });
  await Promise.all([mine.exited, other.exited]);
});

test('nobody is signalled where nobody is', () => {
  expect(signalProcess(2 ** 22 + 1, 'SIGKILL')).toBe(false);
});
