import { expect, test } from 'vitest';
import { listKey, specOf } from '../../../../src/runtime/mcp/server-spec.ts';

const keyOf = (options: Record<string, unknown>): string =>
  listKey(specOf({ type: 'mcp', name: 'one', options }), '/work');

test('no value of a variable, a header or a client secret is in what a list is kept under', () => {
  const local = (TOKEN: string) => keyOf({ command: 'serve', env: { TOKEN } });
  expect(local('one')).toBe(local('two'));
  expect(local('one')).not.toBe(keyOf({ command: 'serve', env: { OTHER: 'one' } }));
  const remote = (secret: string, url = 'https://a.example/mcp') =>
    keyOf({ remote: { url, headers: { 'X-Key': secret }, oauth: { clientSecret: secret } } });
  expect(remote('one')).toBe(remote('two'));
  expect(remote('one')).not.toBe(remote('one', 'https://b.example/mcp'));
});
