import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { serveToken } from '../../../../src/cli/serve/serve-token.ts';
import { liveTokens, readTokens } from '../../../../src/cli/serve/tokens-file.ts';
import { tokenHash } from '../../../../src/server/auth/token.ts';
import { memoryIo } from '../streams.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'yonder-tokens-'));
  file = join(folder, 'tokens.yaml');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function made(principal: string): Promise<{ entry: string; token: string }> {
  const io = memoryIo();
  await serveToken(principal, { scope: ['read', 'run', 'run'], expires: '2027-01-31' }, io);
  return { entry: io.out(), token: /: (yt_\S+)\n$/.exec(io.err())?.[1] ?? '' };
}

test('an entry that was made is one that is read, and the token is in none', async () => {
  const [ann, ci] = [await made('ann'), await made('ci')];
  writeFileSync(file, `# who may come\n${ann.entry}${ci.entry}`);
  expect(await readTokens(file)).toEqual([
    { principal: 'ann', hash: tokenHash(ann.token), scopes: ['read', 'run'], expires: '2027-01-31' },
    { principal: 'ci', hash: tokenHash(ci.token), scopes: ['read', 'run'], expires: '2027-01-31' },
  ]);
  expect(ann.entry).not.toContain(ann.token);
});

test('a token is made for a name and a date that can be', async () => {
  await expect(serveToken('a b', { scope: ['run'] }, memoryIo())).rejects.toThrow('principal must be');
  const wrong = serveToken('ann', { scope: ['run'], expires: 'soon' }, memoryIo());
  await expect(wrong).rejects.toThrow('expires must be a date');
});

test.each([
  ['principal: ann', /tokens\.yaml:1:1: the file must be a list of entries/],
  ['- principal: ann\n  hash: secret\n  scopes: [run]', /tokens\.yaml:2:9: 0\.hash must be sha256:/],
  [
    `- principal: ann\n  hash: ${tokenHash('x')}\n  scopes: [run, fly]`,
    /tokens\.yaml:3:17: 0\.scopes\.1 must be one of read, run/,
  ],
  [
    `- {principal: a, hash: ${tokenHash('x')}, scopes: [run]}\n- {principal: b, hash: ${tokenHash('x')}, scopes: [run]}`,
    /tokens\.yaml:2:24: this token stands here twice/,
  ],
  ['- [', /tokens\.yaml:\d+:\d+: /],
])('%j is refused', async (text, words) => {
  writeFileSync(file, text);
  await expect(readTokens(file)).rejects.toThrow(words);
});

test('a file that is missing, or that others can change, is refused', async () => {
  await expect(readTokens(file)).rejects.toThrow(`--auth-tokens ${file} cannot be read (ENOENT)`);
  writeFileSync(file, '');
  chmodSync(file, 0o666);
  await expect(readTokens(file)).rejects.toThrow('can be changed by others');
});

test('a file is read again when it changes; what is wrong in it changes nothing', async () => {
  writeFileSync(file, (await made('ann')).entry);
  const problems: string[] = [];
  const tokens = await liveTokens(file, (message) => problems.push(message));
  try {
    const names = (): string[] => tokens.entries().map(({ principal }) => principal);
    writeFileSync(file, (await made('berta')).entry);
    while (names()[0] !== 'berta') await delay(20);
    writeFileSync(file, 'nothing');
    while (problems.length === 0) await delay(20);
    expect(problems[0]).toMatch(/the file must be a list of entries.*; the tokens of before hold$/);
    expect(names()).toEqual(['berta']);
  } finally {
    tokens.close();
  }
});
