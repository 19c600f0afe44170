import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { start } from '../../../../src/cli/start.ts';
import { scriptCassette } from '../../../../src/testing/model-server/script-cassette.ts';
import { memoryIo, type MemoryIo } from '../streams.ts';

const TEAM = 'agents:\n  root:\n    model: openai/gpt-4o\n    description: d\n    instruction: Answer.\n';

async function scratch(): Promise<{ folder: string; io: MemoryIo }> {
  const folder = await mkdtemp(join(tmpdir(), 'yonder-attach-run-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'team.yaml'), TEAM);
  await writeFile(join(folder, 'note.txt'), 'the note says 42');
  const turns = [{ text: 'one' }, { text: 'two' }];
  await writeFile(join(folder, 'tape.yaml'), scriptCassette(turns, { api: 'openai_chatcompletions' }));
  return { folder, io: memoryIo({ cwd: folder, home: folder, env: { XDG_RUNTIME_DIR: folder } }) };
}

interface Sent {
  type: string;
  message: string;
  multi_content?: { name: string; media_type: string; blob_id: string; size: number }[];
}

test('files of the command line and of its messages are blobs of the session that their events name', async () => {
  const { io } = await scratch();
  const words = [
    'run',
    'team.yaml',
    '--exec',
    '--json',
    '--attach',
    'note.txt',
    '--fake',
    'tape.yaml',
    '--fake-match',
    'order',
  ];
  expect(await start([...words, 'first', 'then @note.txt'], io)).toBe(0);
  const events = io
    .out()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Sent);
  const sent = events.filter(({ type }) => type === 'user_message');
  const note = {
    type: 'file',
    name: 'note.txt',
    media_type: 'text/plain',
    size: 16,
    blob_id: expect.any(String),
  };
  expect(sent.map(({ message, multi_content }) => [message, multi_content])).toEqual([
    ['first', [note]],
    ['then @note.txt', [note]],
  ]);
});

test('a person sees what went along', async () => {
  const { io } = await scratch();
  expect(
    await start(['run', 'team.yaml', '--fake', 'tape.yaml', '--fake-match', 'order', '@note.txt'], io),
  ).toBe(0);
  expect(io.err()).toContain('attached: note.txt (text/plain, 1 KiB)');
});

test('a file that the model cannot take is refused before a session begins', async () => {
  const { io, folder } = await scratch();
  await writeFile(join(folder, 'all.zip'), new Uint8Array([0x50, 0x4b, 3, 4, 0, 0, 0xff]));
  for (const words of [
    ['--attach', 'all.zip', 'hi'],
    ['first', 'then @all.zip'],
  ]) {
    expect(await start(['run', 'team.yaml', '--fake', 'tape.yaml', ...words], io)).toBe(5);
    expect(io.err()).toContain(
      'yonder: the file all.zip (application/zip) is not supported by openai/gpt-4o, which takes text,',
    );
  }
  expect(await start(['sessions', 'list', '--json'], io)).toBe(0);
  expect(io.out()).not.toContain('session_id');
});

test('a file that cannot be sent is a fault of the command line, and no session begins', async () => {
  const { io } = await scratch();
  expect(await start(['run', 'team.yaml', '--attach', 'gone.txt', 'hi'], io)).toBe(2);
  expect(io.err()).toContain('yonder: --attach gone.txt: there is no such file');
  expect(await start(['sessions', 'list', '--json'], io)).toBe(0);
  expect(io.out()).not.toContain('session_id');
});
