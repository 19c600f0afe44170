import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPolicy, readPolicyFile } from '../../../src/config/policy/read-policy.ts';
import { patternProblem } from '../../../src/runtime/host/pattern-problem.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'yonder-policy-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a policy file', () => {
  test('is read as it stands', () => {
    const text = 'safety: strict\npermissions:\n  ask: [shell]\nprincipals:\n  ci:\n    longest_wait: 30m\n';
    expect(readPolicy(text, 'p.yaml')).toEqual({
      safety: 'strict',
      permissions: { ask: ['shell'] },
      principals: { ci: { longest_wait: '30m' } },
    });
    expect(readPolicy('', 'p.yaml')).toEqual({});
  });

  test.each([
    ['folders:\n  allowed: [etc]\n', 'p.yaml:2:13: folders.allowed.0: must be an absolute path'],
    [
      'principals:\n  ci:\n    modles: []\n',
      /^p\.yaml:3:5: unknown key principals\.ci\.modles; docs\/policy\.md/,
    ],
    ['trust: true\nsafety: loose\n', /^p\.yaml:2:1: safety: .*"strict"/],
    ['longest_wait: 5\n', /^p\.yaml:1:1: longest_wait: /],
    ['longest_wait: 5 minutes\n', /^p\.yaml:1:1: longest_wait: must be a number with s, m, h or d/],
    ['budget:\n  max_cost: -1\n', /^p\.yaml:2:3: budget\.max_cost: /],
    ['sources:\n  url: [ftp://x]\n', 'p.yaml:2:9: sources.url.0: must begin with https:// or http://'],
    ['trust:\n', 'p.yaml:1:1: trust: is empty; write a value, or take the line out'],
    ['- x\n', /^p\.yaml:1:1: the file: /],
    ['a: [\n', /^p\.yaml:\d+:\d+: /],
    ['trust: true\ntrust: false\n', /^p\.yaml:2:1: Map keys must be unique/],
    [
      'permissions:\n  deny:\n    - "shell:"\n',
      /^p\.yaml:3:7: permissions\.deny\.0: The permission pattern "shell:" cannot be read/,
    ],
  ])('%j is refused with its place', (text, words) => {
    const read = () => readPolicy(text, 'p.yaml', patternProblem);
    expect(read).toThrow(expect.objectContaining({ code: 'invalid_request' }));
    expect(read).toThrow(words);
  });

  test('names every fault, in the order of the file', () => {
    const text = 'trsut: true\nsafety: loose\nhooks: 3\n';
    expect(() => readPolicy(text, 'p.yaml')).toThrow(/^p\.yaml:1:1: .*\np\.yaml:2:1: .*\np\.yaml:3:1: .*$/);
  });

  test('that is not there, is none, or can be changed by others is refused', async () => {
    const path = join(folder, 'policy.yaml');
    const fails = (code: string, words: RegExp, file = path) =>
      expect(readPolicyFile(file)).rejects.toMatchObject({ code, message: expect.stringMatching(words) });
    await fails('not_found', /there is no policy file .*policy\.yaml; name one with --policy/);
    await fails('invalid_request', /is not a regular file/, folder);
    await writeFile(path, 'safety: strict\n');
    expect(await readPolicyFile(path)).toEqual({ safety: 'strict' });
    await chmod(path, 0o666);
    await fails('invalid_request', /can be changed by others; run: chmod go-w/);
    await writeFile(path, `# ${'x'.repeat(1024 * 1024)}`);
    await fails('invalid_request', /over 1 MiB/);
  });
});
