import { describe, expect, test } from 'vitest';
import { errorToBody } from '../../../src/protocol/error-body.ts';
import { YonderError } from '../../../src/protocol/errors.ts';
import { checkExchange } from '../../../src/testing/sniffer/exchange.ts';
import { sniffedFetch } from '../../../src/testing/sniffer/sniffed-fetch.ts';
import { SseJudge } from '../../../src/testing/sniffer/sse-judge.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const pause = { session_id: 's', paused: true };
const paused = { input_id: 'i', paused: true };

interface Change {
  method?: string;
  path?: string;
  asked?: Record<string, string>;
  body?: unknown;
  status?: number;
  told?: Record<string, string>;
  answer?: unknown;
}

function faultsOf(change: Change = {}): string[] {
  const { method = 'POST', path = '/v1/session/pause', body = pause, status = 200, answer = paused } = change;
  return checkExchange(
    {
      method,
      url: `http://yonder.test${path}`,
      headers: new Headers({ ...JSON_TYPE, ...change.asked }),
      body: typeof body === 'string' ? body : JSON.stringify(body),
    },
    {
      status,
      headers: new Headers(change.told ?? { ...JSON_TYPE, 'x-request-id': 'h' }),
      text: typeof answer === 'string' ? answer : JSON.stringify(answer),
    },
  ).map((fault) => fault.replace(/^.*? -> \d+: /, ''));
}

const error = (code: 'conflict' | 'run_busy' | 'unauthorized', id = 'h') =>
  errorToBody(new YonderError(code, 'words'), id);

test('what the contract says passes', () => {
  expect(faultsOf()).toEqual([]);
  expect(faultsOf({ status: 409, answer: error('conflict') })).toEqual([]);
  expect(
    faultsOf({ status: 409, answer: error('conflict'), body: { nothing: 'of it' }, path: '/x' }),
  ).toEqual([]);
});

test.each<[string, Change, RegExp]>([
  ['an unknown route', { path: '/v1/session/fly' }, /^an unknown route was answered$/],
  ['a wrong method', { method: 'PUT' }, /^the contract says POST$/],
  ['a query beside a body', { path: '/v1/session/pause?a=1' }, /^a POST with a query$/],
  ['an unknown field', { body: { ...pause, more: 1 } }, /unknown field more/],
  ['another type', { asked: { 'content-type': 'text/plain' } }, /^a body of type text\/plain$/],
  ['a body that is none', { body: '{' }, /JSON/],
  [
    'a key that means nothing',
    { path: '/v1/run/list', body: {}, asked: { 'idempotency-key': 'k' }, answer: { runs: [] } },
    /means nothing/,
  ],
  ['another status', { status: 202 }, /^its answer has 200$/],
  ['an answer that lacks a field', { answer: { paused: true } }, /input_id/],
  ['no request id', { told: JSON_TYPE }, /^no x-request-id$/],
  [
    'a page',
    { told: { 'x-request-id': 'h', 'content-type': 'text/html' } },
    /^an answer of type text\/html$/,
  ],
  ['a code of another status', { status: 400, answer: error('conflict') }, /^conflict has 409$/],
  [
    'another request id',
    { status: 409, answer: error('conflict', 'other') },
    /^http_request_id is not x-request-id$/,
  ],
  [
    'retryable without Retry-After',
    { status: 409, answer: error('run_busy') },
    /^retryable and Retry-After disagree$/,
  ],
  [
    '401 without a challenge',
    { status: 401, answer: error('unauthorized') },
    /^401 without WWW-Authenticate$/,
  ],
  ['an error that is a page', { status: 502, answer: '<html>' }, /^the error is not JSON/],
  ['an error of another form', { status: 404, answer: { error: 'no' } }, /^the error has not the form/],
  [
    'a code of nobody',
    { status: 418, answer: { error: { code: 'teapot', message: 'm', retryable: false } } },
    /^teapot is in no table$/,
  ],
])('%s is found', (_, change, words) => {
  expect(faultsOf(change)).toEqual([expect.stringMatching(words)]);
});

const event = (seq: number | undefined, fields: object = {}) =>
  JSON.stringify({ type: 'warning', seq, timestamp: 't', session_id: 's', message: 'm', ...fields });
const preview = JSON.stringify({ type: 'log_caught_up', as_of: 1 });

function judged(text: string): string[] {
  const judge = new SseJudge();
  for (const byte of new TextEncoder().encode(text)) judge.take(Uint8Array.of(byte));
  judge.end();
  return judge.faults;
}

describe('a stream', () => {
  test('of durable and other events, heartbeats and a retry passes, byte by byte', () => {
    const text = `id: 4\ndata: ${event(4, { message: 'é' })}\n\n: heartbeat\n\nretry: 10\n\ndata: ${preview}\n\nid: 5\ndata: ${event(5)}\n\n`;
    expect(judged(text)).toEqual([]);
  });

  test.each<[string, string, RegExp]>([
    ['a durable event without id', `data: ${event(1)}\n\n`, /with seq 1 has id undefined/],
    ['another id', `id: 2\ndata: ${event(1)}\n\n`, /with seq 1 has id 2/],
    ['an id of another kind', `id: 2\ndata: ${preview}\n\n`, /log_caught_up with seq undefined has id 2/],
    ['a gap', `id: 1\ndata: ${event(1)}\n\nid: 3\ndata: ${event(3)}\n\n`, /after event 1 came 3/],
    ['an event line', `event: warning\nid: 1\ndata: ${event(1)}\n\n`, /does not belong there: event/],
    ['two lines of data', `id: 1\ndata: ${event(1)}\ndata: x\n\n`, /does not belong there: data/],
    ['CRLF', `id: 1\r\ndata: ${event(1)}\n\n`, /a CR/],
    ['an unknown event', 'data: {"type":"party"}\n\n', /party is declared nowhere/],
    ['a wrong field', 'data: {"type":"log_caught_up","as_of":"1"}\n\n', /log_caught_up is broken/],
    ['no JSON', 'data: {\n\n', /not an event/],
    ['an id alone', 'id: 7\n\n', /an id without an event/],
    ['half a frame', 'data: {', /ended within a frame/],
  ])('with %s is found', (_, text, words) => {
    expect(judged(text)).toContainEqual(expect.stringMatching(words));
  });
});

test('a sniffed fetch gives what came and tells what is wrong, also while a stream is read', async () => {
  const faults: string[] = [];
  const text = `id: 1\ndata: ${event(1)}\n\nid: 3\ndata: ${event(3)}\n\ndata: {`;
  const headers = { 'content-type': 'text/event-stream', 'cache-control': 'no-cache', 'x-request-id': 'h' };
  for (const cuts of [false, true]) {
    const sniffed = sniffedFetch(
      async () => new Response(text, { headers }),
      (fault) => faults.push(fault),
      { cuts },
    );
    const response = await sniffed('http://yonder.test/v1/session/events?session_id=s&after=0');
    expect(await response.text()).toBe(text);
  }
  const gap = 'GET /v1/session/events: after event 1 came 3';
  expect(faults).toEqual([gap, 'GET /v1/session/events: it ended within a frame: data: {', gap]);
});
