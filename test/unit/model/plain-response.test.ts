import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressOf, PlainHeaders, responseOf } from '../../../src/model/http/plain-response.ts';

const name = fc.constantFrom('Accept', 'content-type', 'X-One', 'x-one', 'SET-IT');
const value = fc.constantFrom('a', ' b ', 'text/event-stream');

test('headers are read, joined and ordered as those of the standard', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value)), name, (pairs, asked) => {
      const standard = new Headers(pairs);
      const plain = new PlainHeaders(pairs);
      expect([...plain]).toEqual([...standard]);
      expect(plain.get(asked)).toBe(standard.get(asked));
      expect(plain.has(asked)).toBe(standard.has(asked));
      standard.set(asked, 'new');
      plain.set(asked, 'new');
      expect([...plain.entries()]).toEqual([...standard.entries()]);
      standard.delete(asked);
      plain.delete(asked);
      const heard: string[] = [];
      plain.forEach((text, key) => heard.push(key, text));
      expect(heard).toEqual([...standard].flat());
      expect([...new PlainHeaders(plain)]).toEqual([...standard]);
    }),
  );
  expect([...new PlainHeaders({ Two: '2', one: '1' })]).toEqual([...new Headers({ Two: '2', one: '1' })]);
});

const bodyOf = (text: string): ReadableStream<Uint8Array> | null => new Response(text).body;

test('an answer says whether it is a good one and gives its body in each form', async () => {
  const headers = new PlainHeaders({ 'content-type': 'application/json' });
  for (const [status, ok] of [
    [199, false],
    [200, true],
    [204, true],
    [299, true],
    [300, false],
    [404, false],
  ] as const) {
    expect(responseOf(null, { status, headers }).ok, String(status)).toBe(ok);
  }
  expect(responseOf(null, { status: 500, statusText: 'Broken', headers })).toMatchObject({
    ok: false,
    status: 500,
    statusText: 'Broken',
    body: null,
  });
  const made = (): Response => responseOf(bodyOf('{"a":"ä"}'), { status: 200, headers });
  expect(made().headers.get('Content-Type')).toBe('application/json');
  expect(await made().json()).toEqual({ a: 'ä' });
  expect(await made().text()).toBe('{"a":"ä"}');
  expect(Buffer.from(await made().arrayBuffer()).toString()).toBe('{"a":"ä"}');
  expect(await responseOf(null, { status: 200, headers }).text()).toBe('');
});

test('the address of a request is found in each form of it', () => {
  expect(addressOf('http://one.test/')).toBe('http://one.test/');
  expect(addressOf(new URL('http://two.test/'))).toBe('http://two.test/');
  expect(addressOf(new Request('http://three.test/'))).toBe('http://three.test/');
});
