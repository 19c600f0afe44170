import { execFileSync } from 'node:child_process';
import { constants, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, open, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { Composer } from '../../../../src/cli/attach/composer.ts';
import type { Backend } from '../../../../src/protocol/backend.ts';

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
let folder: string;
let uploads: { name: string | undefined; media_type: string; size: number }[];
let composer: Composer;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'yonder-attach-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  uploads = [];
  const upload: Backend['upload'] = async (_context, request, bytes) => {
    uploads.push({ name: request.name, media_type: request.media_type, size: bytes.byteLength });
    return { upload_id: `upl_${uploads.length}`, size: bytes.byteLength, sha256: '' };
  };
  const work = join(folder, 'work');
  await mkdir(work);
  composer = new Composer({ backend: { upload }, home: folder, cwd: folder, workingDir: work });
});

const put = (name: string, content: string | Uint8Array): Promise<void> =>
  writeFile(join(folder, name), content);
const names = (): (string | undefined)[] => uploads.map(({ name }) => name);

test('a text that names no file is sent as it is', async () => {
  const content = 'mail ada@example.com about @nothing and @work, then @"no such file"';
  expect(await composer.compose(content)).toEqual({ role: 'user', content });
  expect(uploads).toEqual([]);
});

test('files are named with @, from the working folder first, each once; the text stays', async () => {
  await put('both.txt', 'outer');
  await put('work/both.txt', 'in the work folder');
  await put('two words.md', '# two');
  const content = 'compare @both.txt, @"two words.md" and @both.txt.';
  expect(await composer.compose(content)).toEqual({
    role: 'user',
    content,
    parts: [
      { type: 'file', upload_id: 'upl_1', name: 'both.txt', media_type: 'text/plain' },
      { type: 'file', upload_id: 'upl_2', name: 'two words.md', media_type: 'text/plain' },
    ],
  });
  expect(uploads[0]?.size).toBe('in the work folder'.length);
});

test('the type is that of the bytes, and where they say nothing that of the name', async () => {
  await put('shot.txt', PNG);
  await put('a.pdf', '%PDF-1.7 x');
  await put('b.mp3', new Uint8Array([0, 1]));
  await put('c.bin', new Uint8Array([0, 1]));
  await put('latin.txt', new Uint8Array([0x61, 0xe9]));
  await put('empty', '');
  await composer.attach(['shot.txt', 'a.pdf', 'b.mp3', 'c.bin', 'latin.txt', 'empty']);
  expect(uploads.map(({ media_type }) => media_type)).toEqual([
    'image/png',
    'application/pdf',
    'audio/mpeg',
    'application/octet-stream',
    'application/octet-stream',
    'text/plain',
  ]);
});

test('--attach goes with the first message, and with no other', async () => {
  await put('a.txt', 'a');
  await composer.attach([join(folder, 'a.txt'), '~/a.txt']);
  await composer.prepare([
    { text: 'same', isTyped: true },
    { text: 'same', isTyped: true },
  ]);
  expect(names()).toEqual(['a.txt']);
  expect((await composer.compose('same')).parts).toHaveLength(1);
  expect((await composer.compose('same')).parts).toBeUndefined();
  expect((await composer.compose('same')).parts).toBeUndefined();
});

test('what came from stdin sends no file, whatever it names', async () => {
  await put('work/a.txt', 'a');
  await composer.prepare([{ text: 'read @a.txt', isTyped: false }]);
  expect((await composer.compose('read @a.txt')).parts).toBeUndefined();
  expect((await composer.compose('read @a.txt')).parts).toHaveLength(1);
});

test('an image that is pasted as a path is attached; a name without an image behind it is text', async () => {
  await put('my shot.png', PNG);
  await put('fake.png', 'no image');
  expect((await composer.compose(`${folder}/my\\ shot.png`)).parts).toEqual([
    { type: 'file', upload_id: 'upl_1', name: 'my shot.png', media_type: 'image/png' },
  ]);
  expect((await composer.compose(`what is this?\n'${folder}/my shot.png'`)).parts).toHaveLength(1);
  expect((await composer.compose(`${folder}/fake.png`)).parts).toBeUndefined();
  expect((await composer.compose(`${folder}/gone.png`)).parts).toBeUndefined();
});

test.each<[string, (path: string) => Promise<unknown>, string, RegExp]>([
  ['missing', async () => {}, 'invalid_request', /^--attach .*: there is no such file$/],
  ['a folder', (path) => mkdir(path), 'invalid_request', /is a folder; attach files, or name the folder/],
  ['a pipe', async (path) => execFileSync('mkfifo', [path]), 'invalid_request', /is a pipe and no file/],
  ['a device', (path) => symlink('/dev/zero', path), 'invalid_request', /is a device and no file/],
  [
    'a pipe without a name, as <(command) gives',
    async (path) => linkToUnnamed(path, () => execFileSync('mkfifo', [`${path}.was`])),
    'invalid_request',
    /is a pipe and no file/,
  ],
  [
    'a file that was removed',
    async (path) => linkToUnnamed(path, () => writeFileSync(`${path}.was`, 'x')),
    'invalid_request',
    /it cannot be read \(ENOENT\): nothing has that name/,
  ],
  [
    '1 GB',
    (path) => sparse(path, 1024 ** 3),
    'payload_too_large',
    /has 1024 MiB; an attachment has at most 64 MiB/,
  ],
  [
    '3 MB of text',
    (path) => writeFile(path, 'a'.repeat(3 << 20)),
    'payload_too_large',
    /attached text has at most 2 MiB/,
  ],
  [
    'a large image',
    (path) => writeFile(path, Buffer.concat([PNG, Buffer.alloc(5 << 20)])),
    'payload_too_large',
    /an attached image has at most 4.5 MiB/,
  ],
])('--attach of what is %s', async (_what, make, code, words) => {
  const path = join(folder, 'it');
  await make(path);
  const before = process.memoryUsage().rss;
  await expect(composer.attach([path])).rejects.toMatchObject({
    code,
    message: expect.stringMatching(words),
  });
  expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024);
  expect(uploads).toEqual([]);
});

test.each(['.env', 'id_rsa', 'server.pem', 'harmless'])(
  '%s may hold secrets and is not sent',
  async (name) => {
    await put('.env', 'A=1');
    if (name === 'harmless') await symlink(join(folder, '.env'), join(folder, name));
    else await put(name, 'secret');
    const words = expect.stringMatching(/named like a file that holds secrets, and is not sent/);
    await expect(composer.attach([name])).rejects.toMatchObject({ code: 'invalid_request', message: words });
    await expect(composer.compose(`use @${name}`)).rejects.toMatchObject({ code: 'invalid_request' });
    expect(uploads).toEqual([]);
  },
);

/** Makes `PATH.was`, opens it, removes its name, and lets `path` lead to what is open. */
async function linkToUnnamed(path: string, make: () => void): Promise<void> {
  make();
  const file = await open(`${path}.was`, constants.O_RDWR);
  onTestFinished(() => file.close());
  await rm(`${path}.was`);
  await symlink(`/dev/fd/${file.fd}`, path);
}

async function sparse(path: string, size: number): Promise<void> {
  const file = await open(path, 'w');
  await file.truncate(size);
  await file.close();
}
