import { decodeAnswer, decodeRequest } from '../../protocol/contract/codec.ts';
import {
  ACCEPTED,
  CONTRACT,
  OPERATIONS,
  routeOf,
  type OperationName,
} from '../../protocol/contract/contract.ts';
import { errorBodySchema } from '../../protocol/error-body.ts';
import { ERRORS, isErrorCode, toYonderError } from '../../protocol/errors.ts';
import { answerFaults } from './document-judge.ts';
import { INPUT_ID_HEADER, RUN_ID_HEADER } from '../../protocol/sse.ts';

/** A request as it went out; the text only where the body is one. */
export interface SentRequest {
  method: string;
  url: string;
  headers: Headers;
  body?: string | undefined;
}

/** An answer as it came; the text only where it was read whole (a stream has its own judge, `SseJudge`). */
export interface GotResponse {
  status: number;
  headers: Headers;
  text?: string | undefined;
}

const ROUTES = new Map<string, OperationName>(OPERATIONS.map((name) => [routeOf(name), name]));
/** What a server of ours answers beside the operations. */
const PLAIN: ReadonlySet<string> = new Set(['/health', '/ready', '/openapi.json']);

/** True where the answer is a stream of events, which is judged while it is read. */
export function isStream(response: { status: number; headers: Headers }): boolean {
  return response.status === 200 && mediaType(response.headers) === 'text/event-stream';
}

/**
 * What is wrong with one HTTP message and its answer by the contract, in words; nothing where all is right. A request that the contract does not
 * take may be sent (tests of refusals do) but must be refused; an answer has to be what the operation says, or an error of the one table.
 */
export function checkExchange(request: SentRequest, response: GotResponse): string[] {
  const path = new URL(request.url).pathname;
  const faults = judge(request, response, path);
  return faults.map((fault) => `${request.method} ${path} -> ${response.status}: ${fault}`);
}

function judge(request: SentRequest, response: GotResponse, path: string): string[] {
  const faults = response.headers.get('x-request-id') === null ? ['no x-request-id'] : [];
  if (response.status >= 400) return [...faults, ...errorFaults(response)];
  const name = ROUTES.get(path);
  if (name === undefined) return PLAIN.has(path) ? faults : [...faults, 'an unknown route was answered'];
  return [...faults, ...requestFaults(name, request), ...contentFaults(name, request, response)];
}

/** What must have been refused. */
function requestFaults(name: OperationName, request: SentRequest): string[] {
  const { http, transfer, changes } = CONTRACT[name];
  const faults: string[] = [];
  if (request.method !== http) faults.push(`the contract says ${http}`);
  if (!changes && request.headers.has('idempotency-key'))
    faults.push('an idempotency-key that means nothing');
  const { searchParams } = new URL(request.url);
  const names = [...searchParams.keys()];
  if (new Set(names).size < names.length) faults.push('a query parameter stands there twice');
  const query: Record<string, unknown> = Object.fromEntries(searchParams);
  const type = request.headers.get('content-type');
  if (transfer === 'upload') query['media_type'] = type ?? '';
  if (http === 'GET' || transfer === 'upload')
    return [...faults, ...refusal(() => decodeRequest(name, query))];
  if (names.length > 0) faults.push('a POST with a query');
  if (mediaType(request.headers) !== 'application/json') faults.push(`a body of type ${type}`);
  return [...faults, ...refusal(() => decodeRequest(name, JSON.parse(request.body ?? '')))];
}

function contentFaults(name: OperationName, request: SentRequest, response: GotResponse): string[] {
  const { transfer } = CONTRACT[name];
  const type = mediaType(response.headers);
  if (transfer === 'bytes') {
    const faults = [200, 206].includes(response.status) ? [] : ['bytes come with 200 or 206'];
    if (type === '') faults.push('bytes without a content-type');
    if (response.headers.get('x-content-type-options') !== 'nosniff') faults.push('bytes without nosniff');
    return faults;
  }
  if (transfer === 'stream' && type === 'text/event-stream') return streamFaults(name, response);
  if (transfer === 'stream' && name !== 'session/run') return [`a stream of type ${type}`];
  const status = transfer === 'stream' || ACCEPTED.has(name) ? 202 : 200;
  const faults = response.status === status ? [] : [`its answer has ${status}`];
  if (type !== 'application/json') faults.push(`an answer of type ${type}`);
  if (request.method === 'HEAD') faults.push('a HEAD was answered');
  const broken = refusal(() => decodeAnswer(name, JSON.parse(response.text ?? '')));
  if (broken.length > 0) return [...faults, ...broken];
  return [...faults, ...answerFaults(name, status, JSON.parse(response.text ?? ''))];
}

function streamFaults(name: OperationName, { status, headers }: GotResponse): string[] {
  const faults = status === 200 ? [] : ['a stream comes with 200'];
  if (!/\bno-(?:cache|store)\b/.test(headers.get('cache-control') ?? ''))
    faults.push('a stream that may be cached');
  if (name === 'session/run') {
    for (const header of [RUN_ID_HEADER, INPUT_ID_HEADER])
      if (!headers.get(header)) faults.push(`no ${header}`);
  }
  return faults;
}

/** An error is one row of the table, whole, and names its request. */
function errorFaults({ status, headers, text }: GotResponse): string[] {
  let value: unknown;
  try {
    value = JSON.parse(text ?? '');
  } catch (thrown) {
    return [`the error is not JSON: ${toYonderError(thrown).message}`];
  }
  const parsed = errorBodySchema.safeParse(value);
  if (!parsed.success) return [`the error has not the form of one: ${parsed.error.message}`];
  const { error } = parsed.data;
  if (!isErrorCode(error.code)) return [`${error.code} is in no table`];
  const faults: string[] = [];
  if (mediaType(headers) !== 'application/json') faults.push('an error that is not application/json');
  if (ERRORS[error.code].status !== status) faults.push(`${error.code} has ${ERRORS[error.code].status}`);
  if (error.message.trim() === '') faults.push(`${error.code} without words`);
  if (error.http_request_id !== headers.get('x-request-id'))
    faults.push('http_request_id is not x-request-id');
  if (error.retryable !== headers.has('retry-after')) faults.push('retryable and Retry-After disagree');
  if (status === 401 && !headers.has('www-authenticate')) faults.push('401 without WWW-Authenticate');
  return faults;
}

function refusal(decode: () => unknown): string[] {
  try {
    decode();
    return [];
  } catch (thrown) {
    return [toYonderError(thrown).message];
  }
}

function mediaType(headers: Headers): string {
  return (headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}
