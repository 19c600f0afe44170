import { expect, test } from 'vitest';
import { proxyFor } from '../../../src/model/http/proxy.ts';

const PROXY = 'http://proxy.example:3128';

test.each([
  ['https://a.example/', '', PROXY],
  ['http://a.example/', '', undefined],
  ['https://a.example/', 'a.example', undefined],
  ['https://b.a.example/', 'a.example', undefined],
  ['https://ba.example/', 'a.example', PROXY],
  ['https://b.a.example/', '.a.example', undefined],
  ['https://b.a.example/', '*.a.example', undefined],
  ['https://a.example/', 'a.example:443', undefined],
  ['https://a.example:8443/', 'a.example:443', PROXY],
  ['https://a.example/', 'other, A.EXAMPLE', undefined],
  ['https://a.example/', '*', undefined],
])('%s with NO_PROXY=%s goes through %s', (url, noProxy, expected) => {
  const env = (name: string): string | undefined => ({ HTTPS_PROXY: PROXY, NO_PROXY: noProxy })[name];
  expect(proxyFor(env, new URL(url))).toBe(expected);
});
