import type { BytesAnswer, RunStream, Transport } from '../protocol/backend.ts';
import { CONTRACT, type OperationName, type RequestOf } from '../protocol/contract/contract.ts';
import type { RequestContext } from '../protocol/context.ts';
import type { WireEvent } from '../protocol/events/events.ts';
import { INPUT_ID_HEADER, RUN_ID_HEADER } from '../protocol/sse.ts';
import { answerOf, bytesOf, eventStreamOf } from './answers.ts';
import { Connection, type HttpTransportOptions, keyed, type Query } from './connection.ts';
import { resumingStream } from './event-stream.ts';
import { countedBody } from './upload-body.ts';

/** The operations over HTTP: the same answers, errors and events as in one process (DESIGN.md section 3). */
export function createHttpTransport(options: HttpTransportOptions): Transport {
  const connection = new Connection(options);
  const { shown, times } = connection;

  async function stream(
    name: OperationName,
    context: RequestContext,
    query: Query,
    signal: AbortSignal,
  ): Promise<Response> {
    const init = { signal, headers: { accept: 'text/event-stream' } };
    return eventStreamOf(await connection.request(name, context, init, query), shown);
  }

  function follow(name: OperationName, context: RequestContext, query: Query): AsyncGenerator<WireEvent> {
    let isFirst = true;
    return resumingStream({
      open(after, signal) {
        const ask = (given: AbortSignal): Promise<Response> =>
          stream(name, context, { ...query, after: after ?? query['after'] }, given);
        // Once it was open the stream itself comes back, and says so.
        if (!isFirst) return ask(signal);
        isFirst = false;
        return connection.insist({ ...context, signal }, ask);
      },
      after: typeof query['after'] === 'number' ? query['after'] : name === 'session/events' ? 0 : undefined,
      run_id: typeof query['run_id'] === 'string' ? query['run_id'] : undefined,
      follow: query['follow'] !== false,
      signal: context.signal,
      times,
    });
  }

  async function run(given: RequestContext, body: RequestOf<'session/run'>): Promise<RunStream> {
    // One key for all tries of this call, so that a lost answer does not run the message twice (R18).
    const context = keyed(given);
    const text = await connection.encoded('session/run', context, body);
    const begin = async (signal: AbortSignal | null): Promise<Response> => {
      const headers = { ...JSON_TYPE, accept: 'text/event-stream' };
      const response = await connection.request('session/run', context, { body: text, headers, signal });
      return eventStreamOf(response, shown);
    };
    let first: Response | undefined = await connection.insist(context, begin);
    const run_id = first.headers.get(RUN_ID_HEADER) ?? '';
    const input_id = first.headers.get(INPUT_ID_HEADER) ?? '';
    const events = resumingStream({
      async open(after, signal) {
        const opened = first;
        first = undefined;
        if (opened !== undefined) return opened;
        if (after === undefined) return begin(signal);
        return stream('run/follow', given, { run_id, after }, signal);
      },
      after: undefined,
      run_id,
      follow: true,
      signal: context.signal,
      times,
    });
    return { run_id, input_id, [Symbol.asyncIterator]: () => withoutCaughtUp(events) };
  }

  return {
    async call(name, given, body) {
      const context = keyed(given);
      const init = async (): Promise<[RequestInit, Query?]> =>
        CONTRACT[name].http === 'GET'
          ? [{}, await connection.queryOf(name, context, body)]
          : [{ body: await connection.encoded(name, context, body), headers: JSON_TYPE }];
      const [fields, query] = await init();
      return connection.insist(context, async (signal) =>
        answerOf(name, await connection.request(name, context, { ...fields, signal }, query), shown),
      );
    },
    follow: (name, context, query) => follow(name, context, query as Query),
    run,
    async bytes(name, context, fields): Promise<BytesAnswer> {
      const query = await connection.queryOf(name, context, fields);
      return connection.insist(context, async (signal) => {
        const { headers, ...response } = await read(
          await connection.request(name, context, { signal }, query),
        );
        const file = /filename\*=UTF-8''([^;]+)/.exec(headers.get('content-disposition') ?? '')?.[1];
        return {
          media_type: headers.get('content-type') ?? 'application/octet-stream',
          name: file === undefined ? undefined : decodeURIComponent(file),
          bytes: response.bytes,
        };
      });
    },
    async upload(given, { name, media_type }, bytes) {
      const context = keyed(given);
      await connection.version(context.signal);
      const headers = { 'content-type': media_type };
      const send = async (signal: AbortSignal): Promise<unknown> => {
        const { onUpload } = options;
        const body =
          onUpload === undefined
            ? { body: bytes.slice() }
            : countedBody(bytes, (sent) => onUpload({ name, sent, total: bytes.byteLength }));
        const init = { ...body, headers, signal };
        return answerOf(
          'upload/create',
          await connection.request('upload/create', context, init, { name }),
          shown,
        );
      };
      return connection.insist(context, send, LONGEST_TIMER);
    },
    close: async () => {},
  };

  async function read(response: Response): Promise<{ headers: Headers; bytes: Uint8Array }> {
    return { headers: response.headers, bytes: await bytesOf(response, shown) };
  }
}

/** Milliseconds: how long an upload takes is a matter of its size. */
const LONGEST_TIMER = 2 ** 31 - 1;

const JSON_TYPE = { 'content-type': 'application/json' };

/** A run's own stream has no word about the log, also after it came back by the run's log. */
async function* withoutCaughtUp(events: AsyncIterable<WireEvent>): AsyncGenerator<WireEvent> {
  for await (const event of events) if (event.type !== 'log_caught_up') yield event;
}
