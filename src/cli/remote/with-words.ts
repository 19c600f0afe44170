import type { RunStream, Transport } from '../../protocol/backend.ts';
import { YonderError } from '../../protocol/errors.ts';
import type { WireEvent } from '../../protocol/events/events.ts';
import { quoted, type RemoteServer } from './remote-server.ts';

/** The same transport, whose errors say what a person can do about them from here. */
export function withWords(transport: Transport, server: RemoteServer): Transport {
  const said = async <Value>(promise: Promise<Value>): Promise<Value> => {
    try {
      return await promise;
    } catch (thrown) {
      throw inWords(thrown, server);
    }
  };
  return {
    call: (name, context, request) => said(transport.call(name, context, request)),
    follow: (name, context, query) => events(transport.follow(name, context, query), server),
    async run(context, request): Promise<RunStream> {
      const stream = await said(transport.run(context, request));
      const { run_id, input_id } = stream;
      return { run_id, input_id, [Symbol.asyncIterator]: () => events(stream, server) };
    },
    bytes: (name, context, query) => said(transport.bytes(name, context, query)),
    upload: (context, request, bytes) => said(transport.upload(context, request, bytes)),
    close: () => transport.close(),
  };
}

async function* events(
  stream: AsyncIterable<WireEvent>,
  server: RemoteServer,
): AsyncGenerator<WireEvent, void, void> {
  try {
    yield* stream;
  } catch (thrown) {
    throw inWords(thrown, server);
  }
}

function inWords(thrown: unknown, server: RemoteServer): unknown {
  if (!(thrown instanceof YonderError)) return thrown;
  const message =
    thrown.code === 'unauthorized' ? tokenWords(thrown, server) : withRemote(thrown.message, server);
  if (message === thrown.message) return thrown;
  const { retryable, details, cause } = thrown;
  return new YonderError(thrown.code, message, {
    retryable,
    cause,
    ...(details === undefined ? {} : { details }),
  });
}

/** The server's own words may say more, e.g. that a token has expired. */
function tokenWords({ message }: YonderError, { typed, token }: RemoteServer): string {
  return token === undefined
    ? `${typed} wants a token: give it with --token-file FILE, in YONDER_TOKEN, or keep it with: yonder remote add NAME URL --token-file FILE`
    : `${typed} does not take this token (${message}); ask whoever runs the server for another`;
}

/** A command that the server names is meant for its own sessions. */
function withRemote(message: string, { typed }: RemoteServer): string {
  return message.replaceAll(
    /\byonder (run|sessions(?: [a-z]+)?)(?= |$)(?! --remote)/g,
    `yonder $1 --remote ${quoted(typed)}`,
  );
}
