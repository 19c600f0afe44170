import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Interaction } from '../../../src/model/cassette/interaction.ts';
import { FIRST_LINE, parseCassette, serializeCassette } from '../../../src/model/cassette/yaml.ts';
import { scriptCassette } from '../../../src/testing/model-server/script-cassette.ts';

import { cases } from '../../long.ts';
const REQUEST_FIELDS =
  'proto proto_major proto_minor content_length transfer_encoding trailer host remote_addr request_uri body form headers url method';
const RESPONSE_FIELDS =
  'proto proto_major proto_minor transfer_encoding trailer content_length uncompressed body headers status code duration';

function interaction(id: number, request: string | Uint8Array, response: string | Uint8Array): Interaction {
  const common = { proto: 'HTTP/1.1', proto_major: 1, proto_minor: 1, transfer_encoding: [], trailer: {} };
  return {
    id,
    request: {
      ...common,
      content_length: 1,
      host: 'api.openai.com',
      remote_addr: '',
      request_uri: '',
      body: request,
      form: {},
      headers: { 'Content-Type': ['application/json'] },
      url: 'https://api.openai.com/v1/responses',
      method: 'POST',
    },
    response: {
      ...common,
      content_length: -1,
      uncompressed: false,
      body: response,
      headers: {},
      status: '200 OK',
      code: 200,
      duration: '12ms',
    },
  };
}

test('what is written is read back, whatever the bodies hold', () => {
  const body = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed()),
    fc.constantFrom(
      'data: {}\n\n',
      '\r\n',
      ' \n x\n',
      '\uFEFFbom',
      '\t',
      '- a: b',
      '"',
      "'",
      '|',
      '\u0000\u0007\u0085\u2028',
    ),
    fc.uint8Array({ maxLength: 40 }),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(body, body), { maxLength: 4 }), (bodies) => {
      const written = bodies.map(([request, response], id) => interaction(id, request, response));
      expect(parseCassette(serializeCassette(written))).toEqual({ interactions: written, match: 'body' });
    }),
    { numRuns: cases(40, 200) },
  );
});

test('has every field of the format, in its version 2', () => {
  const text = serializeCassette([interaction(0, '{}', 'data: 1\n\n')]);
  expect(text.startsWith(`${FIRST_LINE}\n---\nversion: 2\ninteractions:\n`)).toBe(true);
  const value = parse(text) as { interactions: [Record<string, Record<string, unknown>>] };
  expect(Object.keys(value.interactions[0])).toEqual(['id', 'request', 'response']);
  expect(Object.keys(value.interactions[0]['request'] ?? {}).join(' ')).toBe(REQUEST_FIELDS);
  expect(Object.keys(value.interactions[0]['response'] ?? {}).join(' ')).toBe(RESPONSE_FIELDS);
});

test('reads what another recorder wrote, and matches it by order', () => {
  const foreign = `---
version: 2
interactions:
    - id: 0
      request:
        proto: HTTP/1.1
        proto_major: 1
        proto_minor: 1
        content_length: 0
        transfer_encoding: []
        trailer: {}
        host: api.openai.com
        remote_addr: ""
        request_uri: ""
        body: '{"model":"gpt-4o"}'
        form: {}
        headers: {}
        url: https://api.openai.com/v1/chat/completions
        method: POST
      response:
        proto: HTTP/2.0
        proto_major: 2
        proto_minor: 0
        transfer_encoding: []
        trailer: {}
        content_length: -1
        uncompressed: false
        body: |+
            data: {"a":1}

            data: [DONE]

        headers:
            Content-Type:
                - text/event-stream; charset=utf-8
        status: 200 OK
        code: 200
        duration: 1.23s
`;
  const { interactions, match } = parseCassette(foreign);
  expect(match).toBe('order');
  expect(interactions[0]?.response.body).toBe('data: {"a":1}\n\ndata: [DONE]\n\n');
  expect(parseCassette(scriptCassette([{ text: 'x' }], { api: 'anthropic' })).match).toBe('order');
});

describe('a file that is no cassette is refused by its first fault', () => {
  test.each([
    ['', /this is no cassette/],
    ['version: 1\ninteractions: []', /version: /],
    ['version: 2\ninteractions: [{id: 0}]', /interactions\.0\.request/],
    ['version: 2\ninteractions: [', /this is no cassette/],
    ['a: &a [1]\nb: *a\nversion: 2', /this is no cassette/],
    ['\u0000\u0001', /this is no cassette/],
  ])('%j', (text, words) => {
    expect(() => parseCassette(text)).toThrow(
      expect.objectContaining({ code: 'invalid_request', message: expect.stringMatching(words) }),
    );
  });
});
