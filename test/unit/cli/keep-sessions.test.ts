import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { start } from '../../../src/cli/start.ts';
import { scriptCassette } from '../../../src/testing/model-server/script-cassette.ts';
import type { ScriptedTurn } from '../../../src/testing/model-server/script.ts';
import { memoryIo } from './streams.ts';

const TEAM =
  'agents:\n  root:\n    model: openai/gpt-4o\n    description: d\n    instruction: Answer.\n    toolsets: [{type: filesystem}]\n';

interface Said {
  code: number;
  out: string;
  err: string;
}

/** A store with one session, and `yonder sessions ...` on it. */
async function oneSession(
  turns: readonly ScriptedTurn[] = [{ text: 'A zebra has stripes.' }],
  flags: readonly string[] = [],
): Promise<{ folder: string; say: (...words: string[]) => Promise<Said> }> {
  const folder = await mkdtemp(join(tmpdir(), 'yonder-keep-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'team.yaml'), TEAM);
  await writeFile(join(folder, 'tape.yaml'), scriptCassette(turns, { api: 'openai_chatcompletions' }));
  const run = async (words: string[]): Promise<Said> => {
    const io = memoryIo({ cwd: folder, home: folder, env: { XDG_RUNTIME_DIR: folder } });
    return { code: await start(words, io), out: io.out(), err: io.err() };
  };
  const words = ['run', 'team.yaml', '--exec', '--fake', 'tape.yaml', ...flags, 'What has stripes?'];
  const begun = await run(words);
  expect(begun.code).toBe(0);
  return { folder, say: (...words) => run(['sessions', ...words]) };
}

test('title, star, fork, search and export answer in words, and as objects with --json', async () => {
  const { folder, say } = await oneSession();
  const [listed] = (await say('list', '--json')).out.split('\n');
  const { session_id } = JSON.parse(listed ?? '') as { session_id: string };
  expect((await say('title', '-1', 'About', 'zebras')).out).toBe(`${session_id} is now: About zebras\n`);
  expect(JSON.parse((await say('title', '-1', 'Stripes', '--json')).out)).toEqual({
    session_id,
    title: 'Stripes',
  });
  expect((await say('star', '-1')).out).toBe(`${session_id} has a star now\n`);
  expect((await say('search', 'zebra', '--starred')).out).toContain(`${session_id}  just now  Stripes  *\n`);
  expect(JSON.parse((await say('star', '-1', '--off', '--json')).out)).toEqual({
    session_id,
    starred: false,
  });
  expect(await say('search', 'zebra', '--starred')).toEqual({
    code: 0,
    out: '',
    err: 'nothing was said of zebra\n',
  });
  expect(JSON.parse((await say('search', 'zebra', '--json')).out)).toMatchObject({ session_id });
  const forked = JSON.parse((await say('fork', '-1', '--json')).out) as Record<string, unknown>;
  expect(forked).toMatchObject({ title: 'Stripes (fork)', origin: { session_id, turn: 1 } });
  expect((await say('export', session_id, '-o', 'it.json')).err).toBe(
    `written: ${join(folder, 'it.json')}\n`,
  );
  expect(JSON.parse(await readFile(join(folder, 'it.json'), 'utf8'))).toMatchObject({
    session: { session_id },
  });
  expect((await say('export', session_id)).out).toMatch(/^# Stripes\n[^]*A zebra has stripes\./);
});

test('each command says what it lacks, with exit code 2', async () => {
  const { say } = await oneSession();
  const unknown = 'yonder: there is no session nope; list them with: yonder sessions list\n';
  for (const words of [
    ['title', 'nope', 'x'],
    ['star', 'nope'],
    ['fork', 'nope'],
    ['export', 'nope'],
  ])
    expect(await say(...words)).toEqual({ code: 2, out: '', err: unknown });
  const faults: [string[], RegExp][] = [
    [['title', '-1', ' '], /^yonder: title: write a text; in a conversation/],
    [['fork', '-1', '--at', '9'], /has no message and no turn 9; its turns are 1\n$/],
    [['search', ' '], /^yonder: query: write at least one word/],
    [['search', 'x', '--page', 'y'], /^yonder: page: take the next_page of an answer/],
    [['export', '-1', '--format', 'pdf'], /^yonder: --format: pdf is no format; take json, markdown or html/],
    [['export', '-1', '-o', '/nowhere/x.md'], /^yonder: --output: the folder \/nowhere cannot be used/],
    [['delete', '-1', 'nope'], /^yonder: there is no session nope/],
  ];
  for (const [words, err] of faults)
    expect(await say(...words)).toEqual({ code: 2, out: '', err: expect.stringMatching(err) });
  expect((await say('list', '--json')).out.trim().split('\n')).toHaveLength(1);
  expect((await say('--help')).out).toContain('yonder sessions fork -1 --at 2');
});

test('what /snapshots, /undo and /reset do is there without a conversation', async () => {
  const write = (path: string) => ({
    tool_calls: [{ name: 'write_file', arguments: { path, content: 'x' } }],
  });
  const { folder, say } = await oneSession(
    [write('a.txt'), write('b.txt'), { text: 'Written.' }],
    ['--snapshots', '--yolo'],
  );
  expect((await say('snapshots', '-1')).out).toMatch(/^ {2}1 {2}.* \+a\.txt\n {2}2 {2}.* \+b\.txt\n$/);
  expect(JSON.parse((await say('snapshots', '-1', '--json')).out.split('\n')[1] ?? '')).toMatchObject({
    snapshot: 2,
    undone: false,
  });
  expect((await say('reset', '-1', '1')).out).toBe('back to 1: 1 file and 3 messages taken back\n');
  expect(await readFile(join(folder, 'a.txt'), 'utf8')).toBe('x');
  expect((await say('undo', '-1')).out).toBe('taken back: 1 file, and what came of: What has stripes?\n');
  await expect(readFile(join(folder, 'a.txt'))).rejects.toMatchObject({ code: 'ENOENT' });
  expect(await say('undo', '-1')).toMatchObject({ code: 2, err: /nothing/ });
});
