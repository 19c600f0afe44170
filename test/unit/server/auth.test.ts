import { describe, expect, test } from 'vitest';
import { authenticator } from '../../../src/server/auth/authenticate.ts';
import type { TokenEntry } from '../../../src/server/auth/entries.ts';
import { bearerToken, isTokenOf, makeToken, sameToken, tokenHash } from '../../../src/server/auth/token.ts';

const asking = (authorization?: string): Request =>
  new Request('http://yonder.test/', authorization === undefined ? {} : { headers: { authorization } });

const entry = (principal: string, token: string, more: Partial<TokenEntry> = {}): TokenEntry => ({
  principal,
  hash: tokenHash(token),
  scopes: ['read', 'run'],
  ...more,
});

test('a token is random, and its hash says nothing but whether it is it', () => {
  const [one, other] = [makeToken(), makeToken()];
  expect(one).toMatch(/^yt_[\w-]{32}$/);
  expect(one).not.toBe(other);
  expect(tokenHash('abc')).toBe('sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  expect([
    isTokenOf(one, tokenHash(one)),
    isTokenOf(other, tokenHash(one)),
    isTokenOf('x', 'sha256:00'),
  ]).toEqual([true, false, false]);
  expect([sameToken('a', 'a'), sameToken('a', 'ab')]).toEqual([true, false]);
});

test.each([
  ['Bearer abc', 'abc'],
  ['bearer   abc ', 'abc'],
  ['Basic abc', undefined],
  ['Bearer', undefined],
  ['Bearer a b', undefined],
])('%j carries %j', (header, token) => {
  expect(bearerToken(asking(header))).toBe(token);
});

describe('who asks', () => {
  const entries = [
    entry('ana', 'token-a', { scopes: ['read', 'run', 'approve'], approve_own: true }),
    entry('ana', 'token-a2'),
    entry('root', 'token-r', { scopes: ['admin'] }),
    entry('old', 'token-o', { expires: '2026-11-20' }),
    entry('soon', 'token-s', { expires: '2026-11-21T12:00:00+02:00' }),
  ];
  const at = (time: string) =>
    authenticator({ token: 'the-one', entries: () => entries, now: () => Date.parse(time) });
  const who = at('2026-11-21T09:59:59Z');

  test.each([
    ['the-one', { principal: 'admin', scopes: ['read', 'run', 'approve', 'admin'] }],
    ['token-a', { principal: 'ana', scopes: ['read', 'run', 'approve'], approve_own: true }],
    ['token-a2', { principal: 'ana', scopes: ['read', 'run'] }],
    ['token-r', { principal: 'root', scopes: ['read', 'run', 'approve', 'admin'] }],
    ['token-s', { principal: 'soon', scopes: ['read', 'run'] }],
  ])('comes with %s', async (token, context) => {
    expect(await who(asking(`Bearer ${token}`))).toEqual(context);
  });

  test.each([
    [who, 'Bearer wrong', 'this server does not know this token'],
    [who, 'Bearer THE-ONE', 'this server does not know this token'],
    [who, 'Basic dXNlcjpwYXNz', 'send the token as: Authorization: Bearer <token>'],
    [who, 'Bearer token-o', 'the token of old expired (2026-11-20); ask for a new one'],
    [
      at('2026-11-21T10:00:00Z'),
      'Bearer token-s',
      'the token of soon expired (2026-11-21T12:00:00+02:00); ask for a new one',
    ],
  ])('%# is refused: %s', async (refusing, header, message) => {
    await expect(refusing(asking(header))).rejects.toMatchObject({ code: 'unauthorized', message });
  });

  test('a day counts to its end', async () => {
    expect(await at('2026-11-20T23:59:59Z')(asking('Bearer token-o'))).toMatchObject({ principal: 'old' });
  });

  test('is nobody without a token, and the local user where only that one can come', async () => {
    expect(await who(asking())).toBeUndefined();
    const local = authenticator({ local: true, entries: () => entries });
    expect(await local(asking())).toMatchObject({ principal: 'admin' });
    expect(await local(asking('Bearer token-a2'))).toMatchObject({ principal: 'ana' });
    await expect(local(asking('Bearer wrong'))).rejects.toMatchObject({ code: 'unauthorized' });
    await expect(authenticator({})(asking('Bearer '))).rejects.toMatchObject({ code: 'unauthorized' });
  });

  test('is asked anew each time: entries can change', async () => {
    let now = [entry('ana', 'token-a')];
    const changing = authenticator({ entries: () => now });
    expect(await changing(asking('Bearer token-a'))).toMatchObject({ principal: 'ana' });
    now = [];
    await expect(changing(asking('Bearer token-a'))).rejects.toMatchObject({ code: 'unauthorized' });
  });
});
