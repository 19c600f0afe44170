import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isTeam, namedTeam, unnamedTeam } from '../../../src/cli/team-argument.ts';
import { readMessages } from '../../../src/cli/run/messages.ts';
import { Readable } from 'node:stream';
import { memoryIo, type MemoryIo } from './streams.ts';

let folder: string;
let io: MemoryIo;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'yonder-team-'));
  mkdirSync(join(folder, 'sub'));
  writeFileSync(join(folder, 'sub', 'yonder.yaml'), 'agents: {}\n');
  io = memoryIo({ cwd: folder, home: folder });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  ['sub', true],
  ['x.yaml', true],
  ['x.yml', true],
  ['x.HCL', true],
  ['https://example.org/t', true],
  ['default', true],
  ['coder', true],
  ['mine', true],
  ['fix the test', false],
  ['-', true],
  ['', false],
  ['a\0b', false],
  ['x'.repeat(5000), false],
  ['sub/yonder.yaml/below', false],
])('%j', async (word, expected) => {
  expect(await isTeam(word, { mine: { path: 'sub' } }, io)).toBe(expected);
});

test.each(['ftp://host/team.yaml', 'file:///tmp/team.yaml', 's3://x'])('%s is no message', async (word) => {
  await expect(isTeam(word, {}, io)).rejects.toMatchObject({
    code: 'invalid_request',
    message: expect.stringContaining(
      `not read from ${word.split(':')[0]}://; give an https:// address, a file`,
    ),
  });
  expect(await isTeam(`what is ${word}?`, {}, io)).toBe(false);
});

function withStdin(text: string): MemoryIo {
  return { ...io, stdin: Readable.from([text]) };
}

test("a team from stdin is nobody's own; what has no agents is told where a message goes", async () => {
  const piped = withStdin('agents:\n  root: {}\n');
  expect(await namedTeam('-', {}, piped)).toEqual({
    source: { kind: 'inline', entry: 'stdin', files: { stdin: 'agents:\n  root: {}\n' } },
    named: false,
    shown: 'stdin',
  });
  await expect(readMessages(['-'], piped, { readStdin: true })).rejects.toMatchObject({
    code: 'invalid_request',
    message: 'stdin was the team already, and cannot be a message as well',
  });
  expect(await readMessages([], piped, { readStdin: true })).toEqual([]);
  const message = withStdin('fix agents: please');
  await expect(namedTeam('-', {}, message)).rejects.toMatchObject({
    code: 'invalid_team',
    message: expect.stringMatching(
      /^stdin is not a team file: `-` as the first word is a team; .* yonder run default -$/,
    ),
  });
});

test('a named team is trusted by its name, a found one and a URL are not', async () => {
  const text = { 'sub/yonder.yaml': 'agents: {}\n' };
  expect(await namedTeam('sub/yonder.yaml', {}, io)).toEqual({
    source: { kind: 'inline', entry: 'sub/yonder.yaml', files: text },
    named: true,
    shown: 'sub/yonder.yaml',
  });
  expect(await namedTeam('https://example.org/t', {}, io)).toMatchObject({
    named: false,
    source: { kind: 'url' },
  });
  expect(await namedTeam('mine', { mine: { path: 'sub', yolo: true } }, io)).toMatchObject({
    named: true,
    shown: 'mine',
    alias: { yolo: true },
  });
  expect(await unnamedTeam(join(folder, 'sub'), io)).toMatchObject({
    named: false,
    shown: join(folder, 'sub', 'yonder.yaml'),
  });
  expect(await unnamedTeam(folder, io)).toMatchObject({
    named: true,
    source: { kind: 'builtin', name: 'default' },
  });
});
